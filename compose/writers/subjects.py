"""What a text shows, and how a camera person would take it: a table, by what is named."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from compose.writers.wording import folded


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of subject. words: what names it, folded, `*` for any ending; the first wins.

    light, framing, lens, composition: what suits it when nothing else is said. motions: what
    moves, small to large, as sentences without an end; follow: what moves along with an action that
    the person tells, "" for nothing. camera: a move that suits it. sound: what
    is heard. inside: whether it is usually indoors.
    """

    name: str
    words: str
    light: str
    framing: str
    lens: str
    composition: str
    motions: tuple[str, str, str]
    follow: str
    camera: str
    sound: str
    inside: bool = False


SUBJECTS: Final = (
    Subject(
        "product",
        """product products bottle perfume fragrance watch sneaker* shoe shoes phone laptop
        headphones candle* jar packaging package box lipstick cosmetic* jewelry jewellery ring
        necklace handbag sunglasses chair lamp vase mug keyboard gadget soap backpack produkt*
        flasche uhr kerze* parfum schuh* produit montre bougie* flacon producto* reloj vela
        velas zapato* botella""",
        "large softbox from one side, clean highlights along the edges",
        "three-quarter close-up slightly above the surface",
        "100mm lens, background softly out of focus",
        "plenty of clear space around it",
        (
            "light slides slowly over the surface",
            "it turns a few degrees toward the camera",
            "the highlight reaches the label and stays",
        ),
        "light slides over its surface",
        "slow push-in that ends on the main detail",
        "quiet room tone and one soft, clean accent",
        inside=True,
    ),
    Subject(
        "food",
        """food coffee espresso tea latte cake bread pizza pasta soup salad breakfast dinner
        chocolate cheese fruit fruits wine beer cocktail burger sushi cookie* croissant*
        pancake* honey kitchen chef cooking baking brew kaffee brot kuchen essen kuche cafe
        gateau vin cuisine comida pastel vino cocina plat""",
        "soft window light from behind and to the side, gentle fill",
        "close-up at table height",
        "100mm macro lens, shallow depth of field",
        "the dish off center, a few simple props behind it",
        (
            "steam rises and curls",
            "a hand comes in and finishes it with one calm gesture",
            "the surface settles and catches the light",
        ),
        "steam rises and the surface catches the light",
        "slow slide along the table",
        "small sounds of preparing and pouring, close to the microphone",
        inside=True,
    ),
    Subject(
        "people",
        """people crowd couple family families friends team children kids dancers band players
        students audience soldiers musicians leute familie freunde kinder paar menschen
        mannschaft gens famille amis enfants foule equipe gente familia amigos ninos pareja
        equipo""",
        "soft daylight with open shade on the faces",
        "medium wide shot at eye level",
        "35mm lens, the group in focus and the background softer",
        "faces at different heights, the middle of the group on a third",
        (
            "they shift their weight and glance at each other",
            "one of them starts to move and the others follow",
            "they come together and hold for a moment",
        ),
        "hair and clothes follow the movement",
        "gentle handheld drift that stays with them",
        "voices and footsteps, not too close",
    ),
    Subject(
        "person",
        """man woman person boy girl child kid baby grandmother grandfather mother father dancer
        actor actress chef fisher fisherman musician astronaut knight detective hero heroine
        warrior king queen runner surfer skater nurse doctor teacher student artist painter
        monk witch wizard clown bride groom model singer portrait face selfie presenter founder
        elf ritter reiter tanzer tanzerin krieger konig konigin mann frau junge madchen oma opa
        grossmutter grossvater fischer heldin portrat chevalier danseuse danseur homme femme
        garcon fille enfant grand-mere pecheur visage bailarina bailarin caballero hombre mujer
        nino nina abuela abuelo pescador cara he she him her someone""",
        "soft key light from one side, catchlights in the eyes",
        "medium close-up at eye level",
        "85mm lens, shallow depth of field",
        "eyes on the upper third, space in the direction of the gaze",
        (
            "breath, hair and clothes move slightly",
            "the gaze shifts and the posture follows",
            "the expression settles into a clear feeling",
        ),
        "hair and clothes follow the movement",
        "slow push-in at eye level",
        "quiet surroundings, breath and the rustle of clothes",
    ),
    Subject(
        "animal",
        """cat cats kitten dog dogs puppy horse horses bird birds owl eagle fox wolf bear lion
        tiger elephant rabbit deer fish whale dolphin turtle butterfly bee dragon dinosaur
        monkey cow sheep goat duck penguin parrot frog snake animal animals pet pets katze*
        hund hunde pferd* vogel* fuchs lowe tiere chien chiens cheval oiseau* renard animal
        animaux gato gatos gata perro* caballo* pajaro* zorro oso animales""",
        "soft natural side light that brings out texture",
        "close shot at the animal's eye level",
        "135mm lens, background softly out of focus",
        "eyes on the upper third, space ahead of it",
        (
            "head and breath move slightly",
            "it turns its head and takes a step",
            "it stops, alert, and looks past the camera",
        ),
        "its whole body follows the movement",
        "slow low tracking move that keeps its distance",
        "soft movements and the sounds of its surroundings",
    ),
    Subject(
        "vehicle",
        """car cars bike bicycle motorbike motorcycle train tram bus truck boat ship sailboat
        yacht plane airplane helicopter rocket spaceship spacecraft taxi scooter auto wagen zug
        schiff strassenbahn fahrrad flugzeug voiture train bateau tramway velo avion coche tren
        barco tranvia bicicleta""",
        "directional light that draws the lines of the body",
        "low three-quarter shot from the front",
        "50mm lens, crisp on the vehicle",
        "space in the direction of travel",
        (
            "small reflections run along the side",
            "it moves through the frame at an even pace",
            "it passes close to the camera and leaves air behind it",
        ),
        "reflections slide along its side",
        "tracking move alongside, matching its speed",
        "the sound of it coming nearer and passing",
    ),
    Subject(
        "underwater",
        """underwater undersea reef seabed coral unterwasser korallenriff sous-marin submarino""",
        "shafts of light falling through the water",
        "wide shot in open water",
        "24mm lens, clear near, soft blue haze far away",
        "the shape large in the blue, light from above",
        (
            "small bubbles and particles drift upward",
            "it glides slowly through the light",
            "it passes and fades into the blue",
        ),
        "bubbles and particles drift around it",
        "slow weightless glide",
        "muffled water and slow, deep tones",
    ),
    Subject(
        "sea",
        """sea ocean beach coast harbor harbour port waves wave island lake river waterfall pier
        lighthouse cliff cliffs shore bay meer strand hafen kuste insel fluss wellen leuchtturm
        mer plage cote ile lac riviere vagues phare mar playa puerto costa isla lago rio olas
        faro""",
        "open sky light with glints on the water",
        "wide shot from slightly above the water",
        "24mm lens, sharp from front to back",
        "horizon on the lower third",
        (
            "water moves in slow, even swells",
            "wind crosses the surface and the light breaks up",
            "a larger wave comes in and runs out",
        ),
        "the water moves in even swells around it",
        "slow drone glide toward the horizon",
        "waves, wind and distant birds",
    ),
    Subject(
        "city",
        """city street streets town alley skyline downtown market bridge subway rooftop
        skyscraper* traffic crosswalk metropolis tokyo paris london berlin lisbon lissabon york
        stadt strasse* gasse markt brucke ville rue pont marche lisbonne ciudad calle calles
        mercado puente lisboa village dorf pueblo roof rooftops dach toit tejado""",
        "mixed light of sky and shop windows",
        "wide shot from street level",
        "35mm lens, deep focus",
        "the street leads the eye into the depth",
        (
            "people and lights move in the distance",
            "someone crosses close to the camera",
            "the rhythm of the street settles and the view opens",
        ),
        "people and lights move in the distance",
        "steady forward glide along the street",
        "traffic, footsteps and voices of the city",
    ),
    Subject(
        "interior",
        """room kitchen bedroom office studio library museum hall cafe bar restaurant shop store
        workshop apartment diner counter station airport hospital school hotel supermarket
        garage bakery window house-interior living-room stage theater theatre church factory
        laboratory fenster fenetre ventana zimmer buro bibliothek laden werkstatt wohnung buhne
        kirche chambre bureau bibliotheque boutique atelier salon habitacion oficina biblioteca
        tienda taller sala""",
        "daylight from one window, warm lamps further back",
        "wide shot from a corner at chest height",
        "24mm lens, straight verticals",
        "one clear object in front, depth behind it",
        (
            "dust drifts through the light",
            "a curtain or a lamp moves a little",
            "light changes slowly across the room",
        ),
        "dust and light move softly",
        "slow dolly forward through the room",
        "quiet room tone and small sounds from outside",
        inside=True,
    ),
    Subject(
        "landscape",
        """mountain mountains forest woods desert field fields meadow valley hill hills canyon
        volcano jungle garden landscape sky clouds moon planet galaxy tree trees flower flowers
        rose snow savanna glacier waterfall berg berge wald wuste wiese tal himmel blume* baum
        landschaft garten montagne* foret desert champs vallee ciel fleur* arbre paysage jardin
        montana* bosque desierto campo valle cielo flor flores arbol paisaje""",
        "low sun from the side that shapes the ground",
        "wide establishing shot",
        "24mm lens, sharp from front to back",
        "something near in front, the main shape on a third, sky above",
        (
            "leaves, grass or clouds move in the wind",
            "a patch of light travels across the land",
            "the view opens and becomes still",
        ),
        "leaves and grass move in the wind",
        "slow aerial glide forward and up",
        "wind and nature, far and wide",
    ),
)
ANYTHING: Final = Subject(
    "scene",
    "",
    "soft directional light with gentle contrast",
    "medium shot at eye level",
    "50mm lens, moderate depth of field",
    "the main subject on a third, clear space around it",
    (
        "it moves gently, as it would in life",
        "the movement builds and comes to a clear end",
        "it comes to rest in a clear final image",
    ),
    "",
    "slow push-in",
    "the natural sounds of the scene",
)


def _pattern(subject: Subject) -> re.Pattern[str]:
    words = "|".join(
        re.escape(word.rstrip("*")) + (r"\w*" if word.endswith("*") else "")
        for word in subject.words.split()
    )
    return re.compile(rf"(?<![\w-])(?:{words})(?![\w-])")


_PATTERNS: Final = tuple((subject, _pattern(subject)) for subject in SUBJECTS)


_PLACES: Final = frozenset({"underwater", "sea", "city", "interior", "landscape"})
# What a camera gets close to, unless its place matters too.
_CLOSE: Final = frozenset({"person", "animal", "product", "vehicle"})

_CLOSE_THINGS: Final = frozenset({"product", "food"})
_NEAR: Final = re.compile(r"\b(?:macro|close[ -]?up|detail|portrait|headshot)\b")


def subject_of(text: str) -> Subject:
    """What the words show: what is named first, as people begin with what matters."""
    found = _found(text)
    if not found:
        return ANYTHING
    first = found[0]
    place = next((one for one in found if one.name in _PLACES), None)
    if first.name in _CLOSE and place is not None and not _NEAR.search(text.lower()):
        return replace(
            first,
            light=place.light,
            sound=place.sound,
            framing="medium wide shot that shows the place",
            lens="35mm lens, moderate depth of field",
            composition="subject on a third, the place around it",
        )
    return first


def place_name(text: str) -> tuple[str, bool] | None:
    """The word for where it is, such as `harbor`, and whether that is indoors."""
    for subject, pattern in _PATTERNS:
        match = pattern.search(folded(text)) if subject.name in _PLACES else None
        if match is not None:
            return match[0], subject.inside
    return None


def subject_name(text: str) -> str:
    """The word for what is shown first, such as `fisherman`; "" when none is known."""
    first = subject_of(text)
    pattern = next((one for kind, one in _PATTERNS if kind.name == first.name), None)
    match = pattern.search(folded(text)) if pattern is not None else None
    return match[0] if match is not None else ""


def _found(text: str) -> list[Subject]:
    """The kinds of subject that are named, in the order of the words."""
    plain = folded(text)
    found = [
        (match.start(), match.end(), place, subject)
        for place, (subject, pattern) in enumerate(_PATTERNS)
        if (match := pattern.search(plain)) is not None
    ]
    found.sort(key=lambda one: one[:3])
    # A coffee shop is a shop.
    is_joined = len(found) > 1 and found[1][0] == found[0][1] + 1
    if is_joined and found[0][3].name in _CLOSE_THINGS and found[1][3].name in _PLACES:
        del found[0]
    return [subject for *_, subject in found]
