/** Imported `with { type: "file" }`: where the file is, also inside a compiled program. */
declare module "*/static/buildomat.png" {
  const path: string;
  export default path;
}
declare module "*/static/live.js" {
  const path: string;
  export default path;
}
declare module "*/static/style.css" {
  const path: string;
  export default path;
}
