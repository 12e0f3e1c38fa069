import type { StorageConfig } from "./config.ts";
import { DirectoryStore } from "./directory.ts";
import type { ObjectStore } from "./object-store.ts";
import { S3Store } from "./s3.ts";

/** The object store of a configuration. @param directory where objects are kept unless it says otherwise */
export const openStore = ({ s3, directory }: StorageConfig, objects: string): ObjectStore =>
  s3 ? new S3Store(s3) : new DirectoryStore(directory ?? objects);
