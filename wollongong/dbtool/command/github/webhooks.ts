import { defineCommand, wholeNumber } from "../../command.ts";

const DAY = 24 * 3600_000;

export default defineCommand({
  options: {
    count: { short: "N", value: "COUNT", about: "at most so many (default: 100)" },
    days: { short: "D", value: "DAYS", about: "none that is older" },
  },
  help: "Number, time, R if it was sent again, status and what it means; the newest first.",
  async run(context, _, { count = "100", days }) {
    const { app } = context.github();
    const most = wholeNumber(count, "a number of webhooks");
    const oldest = days === undefined ? 0 : context.world.now() - wholeNumber(days, "a number of days") * DAY;
    let cursor: string | undefined;
    for (let left = most; left > 0; ) {
      const query = { per_page: Math.min(left, 100), ...(cursor === undefined ? {} : { cursor }) };
      const { data, headers } = await app.request("GET /app/hook/deliveries", query);
      const wanted = data.filter(({ delivered_at }) => Date.parse(delivered_at) >= oldest).slice(0, left);
      if (context.json) await context.out.lines(wanted.map((one) => JSON.stringify(one)));
      else
        await context.out.lines(
          wanted.map(
            ({ id, delivered_at, redelivery, status_code, status }) =>
              `${String(id).padEnd(16)} ${delivered_at} ${redelivery ? "R" : "-"} ${status_code} ${status}`,
          ),
        );
      left -= wanted.length;
      cursor = /[?&]cursor=([^&>]+)[^>]*>; rel="next"/.exec(headers.link ?? "")?.[1];
      if (cursor === undefined || wanted.length < data.length) return;
    }
  },
});
