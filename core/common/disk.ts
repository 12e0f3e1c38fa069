import * as fs from "node:fs/promises";

/**
 * What is asked of files where it may take its time; it settles in whatever order the disk likes, so a simulator hands in a
 * disk of its own. As in `node:fs/promises`, also where it fails.
 */
export interface Disk {
  open(path: string, flags: string | number): Promise<OpenFile>;
  mkdir(path: string, options: { recursive: true }): Promise<unknown>;
  rename(from: string, to: string): Promise<void>;
  rm(path: string, options: { force: true; recursive?: boolean }): Promise<void>;
  link(existing: string, to: string): Promise<void>;
  stat(path: string): Promise<FileFacts>;
  lstat(path: string): Promise<FileFacts>;
}

export interface FileFacts {
  size: number;
  mtimeMs: number;
  isFile(): boolean;
}

export interface OpenFile {
  read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<{ bytesRead: number }>;
  writev(pieces: readonly Uint8Array[], position: number): Promise<{ bytesWritten: number }>;
  writeFile(bytes: Uint8Array): Promise<void>;
  truncate(length: number): Promise<void>;
  stat(): Promise<FileFacts>;
  sync(): Promise<void>;
  datasync(): Promise<void>;
  close(): Promise<void>;
}

export const realDisk: Disk = fs;
