import { existsSync, readFileSync } from "node:fs";

/**
 * Text of a resolv.conf with the resolvers that the host has now. One on its loopback cannot be reached from another network:
 * there, those that it asks itself.
 */
export function resolvers(ownNetwork: boolean): string {
  const files = ownNetwork ? ["/run/systemd/resolve/resolv.conf", "/etc/resolv.conf"] : ["/etc/resolv.conf"];
  const file = files.find(existsSync);
  return file ? readFileSync(file, "utf8") : "";
}
