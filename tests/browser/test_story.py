"""The main job, in a real browser: browse, enroll, take the lessons, finish."""

from playwright.sync_api import Page, Route, expect

from tests.house import House


def becomes(page: Page, person: str) -> None:
    page.get_by_role("combobox", name="Who you are").select_option(value=person)


def test_a_learner_finishes_a_course(page: Page) -> None:
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_role("heading", name="Welcome, Ada")).to_be_visible()

    page.get_by_role("button", name="# learning").click()
    composer = page.get_by_role("textbox", name="Message #learning")
    composer.fill("/learn courses python")
    composer.press("Enter")
    page.get_by_role("button", name="Enroll in Python Basics").click()
    expect(page.get_by_text("You're enrolled in Python Basics.")).to_be_visible()

    page.get_by_role("button", name="Start lesson 1").click()
    lesson = page.get_by_role("dialog")
    expect(lesson.get_by_role("heading", name="The smallest program")).to_be_visible()
    lesson.get_by_role("button", name="Mark complete").click()
    expect(lesson.get_by_text("1 of 4")).to_be_visible()

    lesson.get_by_role("button", name="Next lesson").click()
    expect(lesson.get_by_role("link", name="Watch the video")).to_be_visible()
    lesson.get_by_role("button", name="Mark complete").click()

    lesson.get_by_role("button", name="Next lesson").click()
    for number in (2, 3, 4):
        lesson.get_by_role("button", name="Next page").click()
        expect(lesson.get_by_text(f"page {number} of 4")).to_be_visible()
    lesson.get_by_role("button", name="Mark complete").click()

    lesson.get_by_role("button", name="Next lesson").click()
    expect(lesson.get_by_role("heading", name="Check yourself")).to_be_visible()
    lesson.get_by_role("button", name="Mark complete").click()
    expect(lesson.get_by_text("You finished Python Basics, all 4 lessons of it.")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.get_by_role("navigation").get_by_role("button", name="homeroom", exact=True).click()
    expect(page.get_by_text("Finished", exact=False).first).to_be_visible()


def test_somebody_not_linked_sees_one_way_in(page: Page) -> None:
    becomes(page, "T0HOME:U0LINUS")
    expect(page.get_by_role("heading", name="Welcome, Linus")).to_be_visible()
    page.get_by_role("button", name="Link my account").click()
    expect(page.get_by_role("dialog").get_by_text("@Radia Perlman")).to_be_visible()


def test_an_instructor_and_an_admin_learn_like_everybody(page: Page) -> None:
    for person, name in (("T0HOME:U0GRACE", "Grace"), ("T0HOME:U0RADIA", "Radia")):
        becomes(page, person)
        expect(page.get_by_role("heading", name=f"Welcome, {name}")).to_be_visible()
        page.get_by_role("button", name="Browse all courses").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Search").fill("baking")
        dialog.get_by_role("button", name="Search").click()
        expect(dialog.get_by_text("Baking Bread", exact=True)).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_click_while_somebody_else_is_fetched_is_theirs(page: Page) -> None:
    expect(page.get_by_role("heading", name="Welcome, Ada")).to_be_visible()
    held: list[Route] = []
    is_slow = True

    def fetch(request: Route) -> None:
        if is_slow:
            held.append(request)
        else:
            request.continue_()

    page.route("**/rehearsal/state?*", fetch)
    becomes(page, "T0HOME:U0GRACE")
    expect(page.get_by_role("heading", name="Welcome, Ada")).to_have_count(0)
    page.get_by_role("tab", name="Messages").click()
    is_slow = False
    for request in held:
        request.continue_()
    expect(page.get_by_role("heading", name="homeroom")).to_be_visible()
    expect(page.get_by_role("tab", name="Messages")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_text("This is your conversation with homeroom.")).to_be_visible()


def test_a_command_by_keyboard_alone(page: Page) -> None:
    page.get_by_role("button", name="# learning").click()
    composer = page.get_by_role("textbox", name="Message #learning")
    composer.focus()
    page.keyboard.type("/le")
    expect(page.get_by_role("option", name="/learn")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.type("courses baking")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Enroll in Baking Bread")).to_be_visible()


def test_focus_stays_in_a_modal_and_comes_back(page: Page) -> None:
    page.get_by_role("button", name="Browse all courses").click()
    page.get_by_role("dialog").wait_for()
    for _ in range(40):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('[role=dialog]') !== null")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.evaluate("document.activeElement !== document.body")


def test_hostile_text_stays_text(page: Page, house: House) -> None:
    mary = house.person("U0MARY")
    mary.goes_to("C0LEARN")
    mary.types("<img src=x onerror=alert(1)> *bold* <https://ok.example|fine> javascript:alert(1)")
    page.get_by_role("button", name="# learning").click()
    message = page.get_by_role("article").last
    expect(message).to_contain_text("<img src=x onerror=alert(1)>")
    assert message.locator("img").count() == 0
    assert page.evaluate("[...document.links].every((link) => /^(https?|mailto):/.test(link.href))")


def test_an_open_menu_stays_while_something_arrives(page: Page, house: House) -> None:
    page.get_by_role("button", name="# learning").click()
    page.get_by_role("button", name="Rehearsal").click()
    expect(page.get_by_role("menuitem", name="A week later")).to_be_visible()
    mary = house.person("U0MARY")
    mary.goes_to("C0LEARN")
    mary.types("Who has tried lesson two?")
    expect(page.get_by_role("article").last).to_contain_text("Who has tried lesson two?")
    expect(page.get_by_role("menuitem", name="A week later")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)


def test_it_fits_a_phone_and_the_dark(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size({"width": 390, "height": 780})
    for place in ("# learning", "homeroom"):
        page.get_by_role("button", name="Channels and people").click()
        page.get_by_role("navigation").get_by_role("button", name=place, exact=True).click()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Browse all courses").click()
    box = page.get_by_role("dialog").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 390)


def test_a_reload_stays_where_you_were(page: Page) -> None:
    page.get_by_role("button", name="# learning").click()
    page.reload()
    expect(page.get_by_role("heading", name="# learning")).to_be_visible()


def test_the_traffic_between_homeroom_and_slack_can_be_read(page: Page) -> None:
    page.get_by_role("button", name="Traffic").click()
    traffic = page.get_by_role("complementary", name="Traffic between Homeroom and Slack")
    expect(traffic.get_by_role("button", name="views.publish").first).to_be_visible()
    traffic.get_by_role("button", name="app_home_opened").first.click()
    expect(traffic.locator("pre")).to_contain_text('"user": "U0ADA"')
