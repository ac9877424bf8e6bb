"""`make schema`: write what is made from the models."""

from tests.schema import page, prisma

prisma.PRISMA.write_text(prisma.schema(), encoding="utf-8")
page.PAGE.write_text(page.page(page.PAGE.read_text(encoding="utf-8")), encoding="utf-8")
