#!/usr/bin/env bun
import { runMain } from "../core/common/command/main.ts";
import { realWorld } from "../core/common/world.ts";
import { buildomat } from "./program.ts";

runMain((around) => buildomat(realWorld(), process.env, around));
