#!/usr/bin/env bun
import { runMain } from "../../core/common/command/main.ts";
import { realWorld } from "../../core/common/world.ts";
import { dbtool } from "./program.ts";

runMain((around) => dbtool(realWorld(), around));
