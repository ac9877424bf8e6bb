"""`make schema`: write what is made from the models."""

from tests.schema import prisma

prisma.PRISMA.write_text(prisma.schema(), encoding="utf-8")
