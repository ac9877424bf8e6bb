import type { PrismaClient } from "./made/sqlite/client.ts";

/** An instant as SQLite keeps it here: what a comparison in SQL has to be with. */
export const kept = (at: Date) => at.toISOString().replace("T", " ").replace("Z", "000");

export async function enrolledSince(prisma: PrismaClient, at: Date) {
  const rows = await prisma.$queryRaw<{ id: number }[]>`SELECT id FROM enrollment WHERE enrolled_at >= ${kept(at)}`;
  return prisma.enrollment.findMany({ where: { id: { in: rows.map(({ id }) => id) } }, orderBy: { enrolledAt: "asc" } });
}

export async function enrolledSinceInNode(prisma: PrismaClient, at: Date) {
  const all = await prisma.enrollment.findMany({ orderBy: { enrolledAt: "asc" } });
  return all.filter(({ enrolledAt }) => enrolledAt >= at);
}
