import type { ComponentChildren } from "preact";

interface LayoutProps {
  title: string;
  /** Whether the page has the script that follows a live log. */
  live?: boolean;
  children: ComponentChildren;
}

export const Layout = ({ title, live = false, children }: LayoutProps) => (
  <html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <title>{title}</title>
      <link rel="icon" href="/static/favicon.ico" />
      <link rel="stylesheet" href="/static/style.css" />
      {live ? <script src="/static/live.js" defer /> : null}
    </head>
    <body>{children}</body>
  </html>
);

/** A moment, exactly; how long ago it was is for the title. */
export const Time = ({ ms }: { ms: number }) => {
  const text = new Date(ms).toISOString();
  return <time datetime={text}>{text}</time>;
};
