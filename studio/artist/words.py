"""The vocabulary: which words mean which place, hour, weather, color, finish and style.

Subjects bring their own words (see `subjects`). A word in none of these tables, that is not plain
grammar either, is something the studio cannot draw, and it says so.
"""

from __future__ import annotations

from studio.media.raster import Colour, hex_colour
from studio.media.text import words_of


def _table(**rows: str) -> dict[str, str]:
    return {word: meaning for meaning, words in rows.items() for word in words.split()}


# Where it is. "land" needs a ground as well: see GROUNDS.
PLACES = _table(
    land="landscape land countryside outdoors outdoor nature hill hills valley field fields "
    "road path horizon plain plains mountain mountains mountainside peak peaks alps cliff "
    "cliffs canyon ridge forest woods woodland jungle rainforest grove park garden meadow "
    "prairie grass desert dune dunes sand mars martian wasteland savanna snow snowy "
    "tundra arctic glacier volcano lava farm autumn spring winter backyard lawn "
    "orchard pine pines",
    sea="sea ocean water beach shore shoreline coast coastal harbor harbour lake river bay "
    "island lagoon waves wave pier tide marina pond waterfall",
    street="street streets alley village villages town lane market marketplace bazaar "
    "cobblestone cobblestones cobbled",
    city="city cityscape downtown skyline urban skyscraper "
    "skyscrapers metropolis rooftop rooftops cyberpunk traffic avenue crosswalk highway "
    "subway tokyo york paris london",
    space="space galaxy nebula cosmos cosmic planet planets orbiting starfield asteroid "
    "universe lunar interstellar milky",
    tabletop="table tabletop desk studio pedestal podium counter shelf countertop surface product "
    "packshot plinth marble advert advertisement ad commercial showroom display",
    room="room kitchen cafe bar library bedroom living office interior indoors workshop "
    "restaurant bakery bookshop bookstore bookshelf bookshelves fireplace window windowsill "
    "home house-interior museum hall lab laboratory",
    theatre="stage theatre theater concert spotlights opera cabaret auditorium",
    underwater="underwater undersea reef seabed aquarium coral submerged deep-sea",
)

GROUNDS = _table(
    forest="forest woods woodland jungle rainforest grove pine pines park orchard",
    meadow="meadow prairie grass field fields garden farm spring backyard lawn countryside savanna",
    desert="desert dune dunes sand wasteland canyon",
    mars="mars martian red-planet",
    snow="snow snowy tundra arctic glacier winter ice icy frozen alps christmas",
    mountain="mountain mountains peak peaks mountainside cliff cliffs ridge valley",
    lava="volcano lava volcanic magma",
    autumn="autumn autumnal october",
    moon="moonscape lunar crater craters",
)

HOURS = _table(
    dawn="dawn sunrise morning daybreak",
    day="day daylight noon midday sunny sunlit daytime sunlight sun bright afternoon",
    sunset="sunset dusk golden evening twilight sundown",
    night="night midnight moonlit moonlight moon stars starry star nighttime dark nocturnal",
    neon="neon cyberpunk synthwave vaporwave retrowave futuristic hologram holographic",
)

WEATHERS = _table(
    rain="rain rainy raining drizzle downpour wet",
    snow="snowing snowfall snowflakes blizzard snowy",
    fog="fog foggy mist misty haze hazy smoke smoky smoggy",
    storm="storm stormy thunder thunderstorm lightning overcast gloomy tempest",
    wind="wind windy breeze breezy gust",
    clouds="cloud clouds cloudy",
    dust="dust dusty motes",
    embers="ember embers fire fiery sparks flames bonfire burning",
    fireflies="firefly fireflies magical enchanted fairy",
    petals="petals blossom blossoms sakura",
    leaves="leaves falling-leaves",
    confetti="confetti party celebration birthday festive fireworks",
    steam="steam steaming hot vapor",
    bubbles="bubbles bubble",
)

COLOURS: dict[str, Colour] = {
    word: hex_colour(code)
    for code, words in {
        "c8322e": "red scarlet crimson",
        "7c1f2d": "burgundy maroon",
        "e8732a": "orange tangerine",
        "d98a3d": "amber copper bronze",
        "f0c93a": "yellow lemon",
        "d9b04c": "gold golden brass",
        "4f9d4a": "green",
        "2f8f6b": "emerald jade",
        "8fae3c": "lime olive",
        "2a9d9a": "teal turquoise",
        "3cc3d6": "cyan aqua",
        "3a6fc4": "blue",
        "27408b": "navy indigo cobalt",
        "8cc4ea": "azure sky-blue",
        "7a4fb5": "purple violet",
        "b79ae0": "lavender lilac",
        "e47fae": "pink rose blush",
        "d03c9a": "magenta fuchsia",
        "7a5236": "brown chocolate wooden wood walnut oak leather",
        "f2efe8": "white ivory pearl porcelain",
        "c9b596": "beige cream tan sand-coloured",
        "2a2c30": "black ebony onyx charcoal obsidian",
        "8d9298": "grey gray slate",
        "c4cad1": "silver chrome steel aluminium aluminum metallic titanium",
    }.items()
    for word in words.split()
}
# Words that are a color only before a thing: "a golden hour" has no color of its own to give.
ALSO_HOURS = frozenset({"golden"})

FINISHES = _table(
    glass="glass translucent transparent crystal clear acrylic icy see-through frosted",
    gloss="glossy shiny polished lacquered wet porcelain ceramic plastic sleek reflective",
    metal="metal metallic chrome steel aluminium aluminum silver brass copper bronze titanium "
    "golden gold iron",
    matte="matte matt clay concrete stone paper wooden wood felt velvet leather",
)

STYLES = _table(
    sketch="sketch sketches graphite pencil drawing drawn charcoal-drawing doodle hatching "
    "storyboard draft drafting lineart line-art",
    ink="ink inked comic manga linocut engraving",
    watercolour="watercolor watercolour aquarelle gouache",
)

GRADES = _table(
    noir="noir monochrome black-and-white grayscale greyscale bw",
    vintage="vintage retro nostalgic film sepia polaroid analog kodak faded",
    pastel="pastel dreamy soft kawaii",
    vivid="vivid vibrant saturated colorful colourful psychedelic",
    cold="cold chilly icy frosty",
    warm="warm cozy cosy toasty",
    moody="moody dramatic gritty ominous mysterious chiaroscuro lowkey low-key",
)

# What light and surface words do to a studio set; they name nothing to draw.
LIGHT_WORDS = words_of(
    """
    light lights lighting lit backlit backlight rim glow glowing glows shadow shadows reflection
    reflections reflecting shine spotlight softbox highlight highlights ray rays beam beams
    flare lamp-light ambient illuminated sky skies air background foreground backdrop edge edges
    hour gradient silhouette contrast tones tone palette color colors colour colours colored
    coloured hued texture textures textured
    """
)

# Grammar, verbs, adjectives and shop talk that need no picture of their own.
PLAIN_WORDS = words_of(
    """
    a an the this that these those and or but nor so of to in on at by for from with without
    into onto over under above below beside besides between behind before after around near
    across through along against off up down out inside outside within upon toward towards about
    as is are was were be been being am has have had having do does did will would can could
    should may might must shall it its he him his she her hers they them their we us our you
    your i me my mine who whose which what where when while how why then than there here not no
    yes one two three four five six seven eight nine ten first second third last next each every
    some any all both many few several more most much less least other another same own such
    only just also very too quite really almost still again ever never always often sometimes
    now soon later once twice like unlike alone together apart away back forth let lets make
    makes made making get gets getting go goes going gone come comes coming came take takes
    taken keep keeps stay stays stand stands sit sits lie lies lay run runs walk walks jump
    jumps fly flies fall falls look looks looked see sees show shows shown hold holds held wear
    wears turn turns slowly quickly gently softly smoothly small little tiny big large huge
    giant great tall short long wide narrow deep high low old new young ancient modern classic
    simple single lone lonely quiet calm peaceful serene happy sad cute brave beautiful pretty
    handsome elegant luxurious luxury premium minimal minimalist minimalistic clean crisp
    cinematic photo photograph photography photographic photoreal photorealistic realistic
    hyperrealistic picture image illustration render rendered rendering art artwork painting
    painted digital concept design style styled scene scenes view quality high-quality detailed
    detail details intricate sharp focus professional award winning best ultra hd uhd hdr 4k 8k
    3d cgi octane unreal engine realism editorial fashion magazine poster cover hero composition
    rule thirds centered centred symmetrical perspective isometric portrait landscape-format
    square vertical horizontal full body half waist anime cartoon stylized stylised aesthetic
    mood atmosphere atmospheric vibe vibes feeling feel look film movie video clip animation
    animated motion slow fast loop seamless life alive comes duration seconds second frame
    frames fps ratio version variation source original same subject object thing things stuff
    something someone anything everything nothing kind type sort part parts piece side sides top
    bottom front middle center centre left right corner end start begin beginning full empty
    open closed fresh dry rough smooth flat round curved straight bold fine rich thin thick
    heavy dim pale deep subtle strong powerful mighty epic majestic grand magnificent stunning
    gorgeous lovely charming whimsical playful funny weird strange surreal fantasy futuristic
    sci-fi scifi science fiction dystopian utopian post-apocalyptic retro-futuristic abstract
    perfect ideal real true natural organic artificial mechanical electric electronic smart
    wireless time times way place world year years ago moment minute hour hours morning calmly
    proudly sitting standing walking running flying floating drifting resting sleeping looking
    dancing swimming driving sailing riding jumping playing reading working waiting leaning
    holding wearing facing rising falling glowing shining moving turning spinning rotating
    hovering surrounded filled covered made set placed based inspired featuring showing using
    above against text watermark logo caption subtitle label blurry blur distorted deformed ugly
    bad noise transform polished clip isolated seamless solid uniform flock overlooking drive
    drives drove swim swims swam flap flaps soar soars glide glides roll rolls ride rides race
    races speed speeds pass passes cruise cruises sail sails
    """
)

# Endings that mark adverbs, participles and adjectives: how something is, not what is there.
PLAIN_ENDINGS = tuple(words_of("ly ing ed ful ous ish ive less able ible esque est"))
