import pytest

from yinse.contracts.errors import InvalidInput
from yinse.engine.text.directives import SayAsKind
from yinse.engine.text.en.normalise import say_as

CASES = {
    "dates": [
        ("March 5, 2024", "March fifth, twenty twenty four"), ("5 March 2024", "March fifth, twenty twenty four"), ("Dec. 25th", "December twenty fifth"),
        ("2024-03-05", "March fifth, twenty twenty four"), ("12/25/2024", "December twenty fifth, twenty twenty four"), ("5th of May", "May fifth"),
        ("May 2020", "May twenty twenty"), ("mid-1990s, mid-1990", "mid-nineteen nineties, mid-nineteen ninety"), ("the 1990s and the '80s", "the nineteen nineties and the eighties"),
        ("2019-2023, 1914-18", "twenty nineteen to twenty twenty three, nineteen fourteen to eighteen"), ("in 1066", "in ten sixty six"),
        ("1500 meters", "one thousand five hundred meters"), ("I may 5", "I may five"),
    ],
    "dates in other forms": [
        ("the 4th of July, 2021", "the fourth of July, twenty twenty one"), ("the 31st of Oct.", "the thirty first of October."), ("5/6/07 and 5/6/97", "May sixth, two thousand seven and May sixth, nineteen ninety seven"),
        ("05-06-2007", "May sixth, two thousand seven"), ("since '07", "since oh seven"), ("Mon.-Fri.", "Monday to Friday."), ("Jan-Mar", "January to March"),
    ],
    "times": [
        ("4:00", "four o'clock"), ("9:05", "nine oh five"), ("13:30", "thirteen thirty"), ("9:05 a.m. on", "nine oh five A M on"),
        ("5pm", "five P M"), ("12:00:30", "twelve and thirty seconds"), ("9:00-17:30", "nine o'clock to seventeen thirty"), ("at 7 p.m.", "at seven P M."), ("at 7:30 pm. He", "at seven thirty P M. He"), ("9:30 a.m.-10:30 a.m., then", "nine thirty A M to ten thirty A M, then"), ("9am-5pm", "nine A M to five P M"), ("7-9pm", "seven to nine P M"), ("2024/1", "January twenty twenty four"),
    ],
    "currencies": [
        ("₹500", "five hundred rupees"), ("A$1.50", "one Australian dollar and fifty cents"), ("20 USD", "twenty US dollars"), ("USD 1.5 million", "one point five million US dollars"), ("£2.01", "two pounds and one penny"),
        ("3 CAD files", "three CAD files"), ("$5/hr and $2.50/lb", "five dollars per hour and two dollars and fifty cents per pound"),
    ],
    "money": [
        ("$6.24", "six dollars and twenty four cents"), ("32.3$", "thirty two dollars and thirty cents"), ("1.1£", "one pound and ten pence"),
        ("£7.14", "seven pounds and fourteen pence"), ("$3.5 million", "three point five million dollars"), ("$1", "one dollar"), ("$0.99", "ninety nine cents"), ("50¢", "fifty cents"), ("-$5 and $-5", "minus five dollars and minus five dollars"), ("$5-10", "five to ten dollars"), ("$1-$2 million", "one to two million dollars"), ("1¢", "one cent"),
        ("¥500", "five hundred yen"), ("€2bn", "two billion euros"), ("£1.01", "one pound and one penny"),
    ],
    "units": [
        ("5 km", "five kilometers"), ("1 kg", "one kilogram"), ("0.1km", "zero point one kilometers"), ("20h", "twenty hours"), ("60 mph", "sixty miles per hour"),
        ("3-5 kg", "three to five kilograms"), ("-19°C", "minus nineteen degrees Celsius"), ("4°F", "four degrees Fahrenheit"), ("1°", "one degree"), ("6 ft", "six feet"),
        ("5 in the box", "five in the box"), ("16GB", "sixteen gigabytes"), ("4K", "four K"), ("100k", "one hundred thousand"), ("221B Baker Street", "two hundred twenty one B Baker Street"), ("a 7B model", "a seven billion model"), ("B2B", "B two B"), ("5'10\"", "five foot ten"), ("6 ft 2 in", "six foot two"), ("5 min", "five minutes"), ("5 MB/s", "five megabytes per second"),
    ],
    "units in other forms": [
        ("1½ tsp", "one and a half teaspoons"), ("½ cup", "one half cup"), ("100 mg/dL", "one hundred milligrams per deciliter"), ("60 words/min", "sixty words per minute"), ("1h 30m", "one hour thirty minutes"),
        ("He's 6 ft. tall", "He's six feet tall"), ("72 in.", "seventy two inches."), ("came in 3 in the", "came in three in the"), ("10 kΩ", "ten kilohms"), ("1 000 000", "one million"), ("10⁻³", "ten to the power of minus three"),
        ("H₂O", "H two O"), ("98/100", "ninety eight out of one hundred"), ("7/10 of", "seven tenths of"), ("2/3rds", "two thirds"), ("note¹²", "note"),
    ],
    "amounts": [
        ("1,234,567 people", "one million two hundred thirty four thousand five hundred sixty seven people"), ("50%", "fifty percent"), ("5-10%", "five to ten percent"),
        ("1st, 22nd", "first, twenty second"), ("-5", "minus five"), ("±5", "plus or minus five"), ("2 + 3 = 5", "two plus three equals five"),
        ("6/2=3", "six divided by two equals three"), ("3/4", "three quarters"), ("1/2", "one half"), ("3 1/2", "three and a half"), ("2 3/4", "two and three quarters"), ("3/23", "three twenty thirds"),
        ("24/7", "twenty four seven"), ("9/11", "nine eleven"), ("120/80", "one hundred twenty over eighty"), ("10/10", "ten out of ten"), ("50/50", "fifty fifty"), ("4.5/5", "four point five out of five"), ("~5", "about five"), (">5, <5", "greater than five, less than five"), ("5-10", "five to ten"), ("3:2", "three to two"), ("½", "one half"), ("1000+", "one thousand plus"), ("1.5e-3", "one point five times ten to the power of minus three"), ("¾", "three quarters"),
    ],
    "codes": [
        ("555-1234", "five five five, one two three four"), ("+1 (212) 555-0123", "one, two one two, five five five, zero one two three"),
        ("code 1234", "code one two three four"), ("00412", "zero zero four one two"), ("iPhone15", "iPhone fifteen"), ("GPT-4", "GPT four"), ("B-52", "B fifty two"), ("Ver. 2.0", "version two point zero"), ("1v1", "one V one"), ("i7-12700", "i seven one two seven zero zero"), ("(415)555-2671", "four one five, five five five, two six seven one"),
        ("B737", "B seven three seven"), ("v1.2.3", "version one point two point three"), ("192.168.1.1", "one nine two point one six eight point one point one"), ("12345678901", "one two three four five six seven eight nine zero one"),
    ],
    "numbers of names": [
        ("Boeing 737-800", "Boeing seven thirty seven eight hundred"), ("401(k)", "four oh one K"), ("Apt. 4B", "Apartment four B"), ("a 4B model", "a four billion model"), ("an A+", "an A plus"),
        ("Super Bowl LVIII", "Super Bowl fifty eight"), ("Rocky IV", "Rocky four"), ("The IV drip", "The IV drip"), ("Size XL", "Size XL"), ("James I think", "James I think"), ("James I of", "James the first of"), ("Gen. Z, Gen. Lee", "Gen Z, General Lee"),
    ],
    "roman numerals": [
        ("Henry VIII", "Henry the eighth"), ("World War II", "World War two"), ("WWI", "World War one"), ("Chapter IV", "Chapter four"), ("I am", "I am"), ("Act V.", "Act five."), ("Louis XIV's", "Louis the fourteenth's"),
    ],
    "abbreviations": [
        ("Dr. Smith", "Doctor Smith"), ("Elm Dr. is", "Elm Drive is"), ("St. Mary", "Saint Mary"), ("Mr. and Mrs. X", "Mister and Missus X"), ("e.g. this", "for example this"),
        ("i.e. that", "that is that"), ("etc.", "et cetera."), ("etc, vs", "et cetera, versus"), ("p. 10", "page ten"), ("Eq. 4", "Equation four"), ("a Ph.D. thesis", "a P H D thesis"), ("see ch. 3", "see chapter three"), ("No. 5", "number five"), ("#7", "number seven"), ("#fun", "hashtag fun"), ("the U.S. is", "the U S is"), ("U.S.A.", "U S A."),
        ("J. K. Rowling", "J K Rowling"), ("w/o", "without"), ("w/ milk", "with milk"), ("and/or", "and or"), ("AT&T", "A T and T"), ("cats & dogs", "cats and dogs"),
    ],
    "posts and rooms": [
        ("Henry VIII had six", "Henry the eighth had six"), ("James I think so", "James I think so"), ("Room 302", "Room three oh two"), ("911", "nine one one"), ("911 tourists", "nine hundred eleven tourists"), ("FY2023", "FY twenty twenty three"),
        ("100s of people", "hundreds of people"), ("100s", "one hundred seconds"), ("1.5x faster", "one point five times faster"), ("1. Open it", "one, Open it"), ("in the U.S. He", "in the U S. He"), ("the U.S. army", "the U S army"),
    ],
    "signs and addresses": [
        ("a < b", "a less than b"), ("x² ≥ 2", "x squared greater than or equal to two"), ("I love it <3", "I love it"), ("yes :-)", "yes"), ("C++, C# and .NET", "C plus plus, C sharp and dot NET"), ("x^2 or y^5", "x squared or y to the power of five"), ("Node.js", "Node dot J S"), ("song.mp3", "song dot M P three"), ("<b>bold</b>", "<b>bold</b>"),
        ("bob.li@mail.com", "bob dot li at mail dot com"), ("https://www.example.co.jp/a-1", "W W W dot example dot co dot J P slash a dash one"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("written", "spoken"),
    [pytest.param(*case, id=f"{kind}: {case[0]}") for kind, cases in CASES.items() for case in cases],
)
def test_tokens_are_read_by_their_class(normalise_en, written: str, spoken: str) -> None:  # type: ignore[no-untyped-def]
    assert " ".join(normalise_en(written).split()) == spoken


@pytest.mark.parametrize(
    ("kind", "content", "spoken"),
    [
        ("digits", "2024", "two zero two four"), ("telephone", "911", "nine one one"), ("cardinal", "1999", "one thousand nine hundred ninety nine"),
        ("ordinal", "3", "third"), ("characters", "NASA1", "N A S A one"), ("word", "NASA", "nasa"), ("date", "3/5/2024", "March fifth, twenty twenty four"),
        ("time", "9:05", "nine oh five"), ("fraction", "1/3", "one third"), ("money", "$5", "five dollars"), ("percent", "5%", "five percent"),
    ],
)  # fmt: skip
def test_say_as(kind: SayAsKind, content: str, spoken: str) -> None:
    assert say_as(kind, content) == spoken


def test_say_as_declines_what_is_not_of_the_class() -> None:
    with pytest.raises(InvalidInput, match="cannot be said as telephone"):
        say_as("telephone", "x")
