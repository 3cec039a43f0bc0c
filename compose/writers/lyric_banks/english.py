"""Rhymed lines in English. Pure data."""

from __future__ import annotations

from typing import Final

from compose.writers.lyric_banks.bank import bank_of

ENGLISH: Final = bank_of(
    themes={
        "animal": "dog dogs puppy cat cats kitten horse bird pet rabbit pony",
        "birthday": "birthday candles party celebrate",
        "child": "lullaby baby child son daughter kid kids sleep cradle goodnight bedtime",
        "city": "city street streets town neon subway downtown skyline rooftop rooftops bar",
        "farewell": "goodbye farewell leaving left lost miss missing gone funeral memory moving",
        "home": "home house kitchen garden mother father mom dad grandma grandmother grandfather"
        " family",
        "love": "love lover heart kiss wedding bride romance together darling girlfriend boyfriend"
        " wife husband",
        "night": "night midnight moon stars dream dreams dark",
        "rain": "rain storm thunder clouds winter snow autumn",
        "road": "road travel train trip journey car drive highway truck ride running run",
        "sea": "sea ocean beach wave waves boat harbor sail island shore summer sailor",
        "shop": "shop store bakery coffee cafe restaurant bar salon",
        "work": "company team product brand office app launch startup",
    },
    verses={
        "": """
            I wrote this down on a paper plane
            And let it fly in the morning rain

            There's something here I can't explain
            A melody I can't contain

            I held my breath and I closed my eyes
            And saw it all in a new disguise

            I count the hours, I count the days
            And find {s} in a thousand ways

            The clock on the wall is running slow
            But I've got somewhere I want to go

            I used to hurry, I used to hide
            Now there's {s} right by my side

            The radio plays a tune I know
            It takes me back to the long ago

            So turn the lights down, turn up the sound
            There's {w} in everything I've found

            A little spark in the afternoon
            A little hum of a brand new tune

            I kept the ticket, I kept the key
            The best of it all was always free

            I draw a line and I start again
            With half a plan and a borrowed pen

            And if they ask me what it's about
            It's {w}, and I'll sing it out
        """,
        "animal": """
            Four quick feet on the kitchen floor
            A happy noise at the open door

            You never ask what the day was worth
            You're the warmest thing on the whole wide earth

            You hear my step from a mile away
            And turn the worst to a better day

            A crooked ear and a sideways grin
            I open the door and the sun comes in
        """,
        "birthday": """
            The candles shine and the cake is high
            Another year went dancing by

            So make a wish and blow it out
            And let the whole room sing and shout

            We hung the lights, we tied the bows
            And where they hid it, no one knows

            There's frosting on your brand new sleeve
            And not one guest who wants to leave
        """,
        "child": """
            The day is folded, the lamp is low
            The toys are sleeping row by row

            Close your eyes, little heart of mine
            I'll leave a star on the windowpane to shine

            The wind is humming, the moon is near
            And every dream is welcome here

            One more story, one more sip
            The blanket is a sailing ship
        """,
        "city": """
            The streets are wet and the lights are red
            A thousand stories in my head

            The last train rattles beneath my feet
            And writes a rhythm along the street

            From every window, a different sound
            The whole town's spinning, round and round

            A taxi waits in the yellow glow
            It doesn't care where the lovers go
        """,
        "farewell": """
            Your coat is gone from the hook in the hall
            There's only its shadow left on the wall

            I still set the table, I still pour for two
            And half of the songs that I hum are you

            We never said all we meant to say
            We thought there would be another day

            I walked you down to the end of the lane
            And I came home with the wind and the rain
        """,
        "home": """
            There's bread on the table and steam in the air
            And someone is laughing halfway up the stair

            The paint is peeling, the door won't close
            But everyone's welcome, and everyone knows

            The photographs lean on the old piano
            We're younger in them, and the light is yellow

            You taught me the names of the plants in the yard
            And how to go easy when living was hard
        """,
        "love": """
            You wore that smile like a summer dress
            And I was yours, I must confess

            I don't need diamonds, I don't need gold
            Just your warm hand for mine to hold

            You say my name and the room goes still
            I loved you then, and I always will

            Two cups of coffee, one window seat
            And underneath it, our tangled feet
        """,
        "night": """
            The moon climbs up on a silver thread
            And all of the noise of the day goes to bed

            The stars lean in like they want to hear
            The words that I only say when you're near

            The dark is soft and it knows my name
            Nothing at midnight looks quite the same

            I follow a dream down a hallway of blue
            And every door opens to something new
        """,
        "rain": """
            The rain is writing on the window glass
            I read every line and I let it pass

            The sky came down in a coat of gray
            And washed the dust of the year away

            Let it thunder, let it pour
            I'm not afraid of it anymore

            I lost my umbrella, I found my feet
            I'm dancing alone in the flooded street
        """,
        "road": """
            The map is folded, the tank is full
            I feel the horizon's gentle pull

            The white lines run and the wheels reply
            A mile of field and a mile of sky

            We took the turn that we didn't know
            The best roads never say where they go

            The engine hums and the towns fly past
            We're going nowhere, and going there fast
        """,
        "sea": """
            The tide comes in and it pulls me near
            It whispers the name that I long to hear

            There's salt on my skin and sand in my shoe
            And everything's painted in silver and blue

            A sail on the edge of the world tonight
            Is chasing the last of the golden light

            The waves keep time like a slow guitar
            They carry me back to wherever you are
        """,
        "shop": """
            We open the door when the day is new
            And put on the kettle, and think of you

            So come on in from the busy street
            There's something here that you ought to meet
        """,
        "work": """
            It started small on a wooden chair
            With two good hands and a lot of care

            We made it slow and we made it right
            We left on the lamp till late at night
        """,
    },
    choruses="""
        Oh, {h}, stay a while with me
        You open the window, you set it free
        Oh, {h}, let the whole world know
        Wherever you're going is where I'll go

        This one's for {s}, sing it loud
        Over the rooftops, over the crowd
        This one's for {s}, all night long
        You are the reason, you are the song

        Hey, {h}, you light up the sky
        Nothing's too far and nothing's too high
        Hey, {h}, there is only one
        Sing it together under the sun

        It's all about {s}, can't you see
        You bring out the best there is in me
        It's all about {s}, day and night
        As long as you're near, it will be all right
    """,
    themed_choruses={
        "birthday": """
            Happy birthday, {h}, raise your hands up high
            Blow out all the candles, watch the wishes fly
            Happy birthday, {h}, sing it one more time
            Every year that finds you is a friend of mine
        """,
        "child": """
            Sleep now, {h}, the day is done
            The stars come to wish you goodnight, every one
            Sleep now, {h}, dream deep and long
            I'll keep the night quiet, I'll keep you this song
        """,
        "shop": """
            Come on in to {s}, take a seat, take your time
            Everything is better with a little bit of rhyme
            Come on in to {s}, you will know it by the light
            We made it with our own two hands, and we made it right
        """,
    },
    sad_choruses="""
        Oh, {h}, where did you go
        I call out your name, but the answer is slow
        Oh, {h}, I'm holding the line
        You're still in the words, you're still in the rhyme

        I sing it for {s}, soft and low
        The hardest of all is the letting go
        I sing it for {s}, one more time
        And keep what was yours, and keep what was mine
    """,
    bridges="""
        And if the lights go out, I'll hum it in the dark
        All you ever need to start a fire is a spark
        And if I lose the words, I'll whistle you the tune
        Everything that's lost comes back again, and soon

        Take it slow, take it slow
        There is so much that we don't know
        Hold it near, hold it near
        All that matters is already here

        Hush now, listen, underneath the noise
        There's a quiet morning in a quiet voice
        One more breath, and then we rise
        With {w} in our eyes

        We were only passing through
        Now there's nothing I'd rather do
        Turn it over, start again
        Sing it louder, count to ten
    """,
    closings="""
        And when the last note fades away
        {H} is all I have to say

        So sing it once and sing it slow
        {H}, wherever you may go

        The lights come up, the song is through
        {H}, I sang it all for you
    """,
)
