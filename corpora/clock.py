"""Times of messages: office hours are not kept, but time never runs backwards."""

import datetime as dt

from dice import Dice

WINTER = dt.timezone(dt.timedelta(hours=1))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
MONTH_NAMES = {
    "sv": (
        "januari",
        "februari",
        "mars",
        "april",
        "maj",
        "juni",
        "juli",
        "augusti",
        "september",
        "oktober",
        "november",
        "december",
    ),
    "fi": (
        "tammikuuta",
        "helmikuuta",
        "maaliskuuta",
        "huhtikuuta",
        "toukokuuta",
        "kesäkuuta",
        "heinäkuuta",
        "elokuuta",
        "syyskuuta",
        "lokakuuta",
        "marraskuuta",
        "joulukuuta",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FIRST = dt.datetime(2024, 11, 4, 7, 30, tzinfo=WINTER)
SPAN = 27 * 24 * 3600  # seconds: an export holds about a month


class Clock:
    """Moments of one export, spread over its month."""

    def __init__(self, dice: Dice, export: int, messages: int) -> None:
        self.dice = dice
        self.now = FIRST + dt.timedelta(days=28 * (export % 25))
        self.step = max(2 * SPAN // max(messages, 1), 2)

    def tick(self) -> dt.datetime:
        """Return the moment of the next message."""
        self.now += dt.timedelta(seconds=self.dice.between(1, self.step))
        return self.now

    def sleep(self) -> None:
        """Go on in the morning of the next day."""
        self.now = self.now.replace(hour=7, minute=30, second=0) + dt.timedelta(days=1)


def rfc5322(moment: dt.datetime) -> str:
    """Return a date as in the header of a mail."""
    day, month = DAYS[moment.weekday()], MONTHS[moment.month - 1]
    return f"{day}, {moment:%d} {month} {moment:%Y %H:%M:%S} +0100"


def asctime(moment: dt.datetime) -> str:
    """Return a date as in the first line of a mail in a mailbox."""
    day = f"{moment.day:2}"
    return f"{DAYS[moment.weekday()]} {MONTHS[moment.month - 1]} {day} {moment:%H:%M:%S %Y}"


def access_log(moment: dt.datetime) -> str:
    """Return a date as in the log of a web server."""
    return f"{moment:%d}/{MONTHS[moment.month - 1]}/{moment:%Y:%H:%M:%S} +0100"
