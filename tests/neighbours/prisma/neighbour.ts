// A portal's program in Node: it does what each line on its standard input says, with Prisma's client alone, and
// answers with a line of JSON. Instants come and go as ISO 8601.

import { createInterface } from "node:readline";
import { PrismaLibSql } from "@prisma/adapter-libsql";
import { PrismaPg } from "@prisma/adapter-pg";
import * as instants from "./instants.ts";
import { PrismaClient as OnPostgreSQL } from "./made/postgresql/client.ts";
import { PrismaClient as OnSQLite } from "./made/sqlite/client.ts";
import { patiently } from "./patience.ts";

const opened = (url: string) =>
  url.startsWith("file:")
    ? new OnSQLite({ adapter: new PrismaLibSql({ url, timeout: 5000 }) })
    : new OnPostgreSQL({ adapter: new PrismaPg({ connectionString: url }) });

const clients = new Map();
for await (const line of createInterface({ input: process.stdin })) {
  const [url, whom, deed, asked] = JSON.parse(line);
  if (!clients.has(url)) clients.set(url, opened(url));
  const prisma = clients.get(url);
  let told;
  if (whom === "client") {
    clients.delete(url);
    await prisma.$disconnect();
    console.log(JSON.stringify({ answer: null }));
    continue;
  }
  try {
    told = {
      answer: await patiently(() =>
        whom === "instants" ? instants[deed](prisma, new Date(asked)) : prisma[whom][deed](asked),
      ),
    };
  } catch (error) {
    told = { error: `${error.code} ${error.message}` };
  }
  console.log(JSON.stringify(told));
}
