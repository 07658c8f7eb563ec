"""The rules of axe for pages that everybody can use, run in a browser."""

import importlib.resources

RUN = "const [options, done] = arguments; axe.run(document, options).then(done)"


def violations(driver, **options):
    """What axe objects to on the page that is open: its rule's id to the elements."""
    if not driver.execute_script("return 'axe' in window"):
        source = importlib.resources.files("axe_core_python").joinpath("axe.min.js")
        driver.execute_script(source.read_text("utf-8"))
    result = driver.execute_async_script(RUN, {"resultTypes": ["violations"], **options})
    return {
        violation["id"]: [node["html"][:200] for node in violation["nodes"]]
        for violation in result["violations"]
    }
