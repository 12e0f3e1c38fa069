/** Imported `with { type: "file" }`: where the file is, also inside a compiled program. */
declare module "swagger-ui-dist/*" {
  const path: string;
  export default path;
}
declare module "*/docs/page.js" {
  const path: string;
  export default path;
}
declare module "*/docs/page.css" {
  const path: string;
  export default path;
}
