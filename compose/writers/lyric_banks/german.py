"""Rhymed lines in German. A comma sets apart what the brief names: no case fits all."""

from __future__ import annotations

from typing import Final

from compose.writers.lyric_banks.bank import bank_of

GERMAN: Final = bank_of(
    themes={
        "birthday": "geburtstag geburtstagslied geburtstagssong jubilaum feier party kerzen",
        "child": "wiegenlied schlaflied baby kind sohn tochter einschlafen schlaf gutenacht",
        "farewell": "abschied verlassen vermisse verloren fort erinnerung leb wohl",
        "love": "liebe herz kuss hochzeit verliebt braut zusammen freundin freund",
        "night": "nacht mond sterne traum traume dunkel mitternacht",
        "sea": "meer see strand welle wellen boot schiff hafen insel sommer kuste",
        "city": "stadt strasse strassen berlin lissabon gasse gassen strassenbahn u-bahn kneipe",
        "animal": "hund katze pferd vogel haustier kater",
    },
    verses={
        "": """
            Ich hab es auf ein Stück Papier geschrieben
            Vom ganzen Tag ist nur das Lied geblieben

            Der Morgen kommt ganz leise durch die Tür
            Und alles, was ich suche, ist schon hier

            Die Uhr bleibt stehen, und der Lärm wird still
            Und plötzlich weiß ich wieder, was ich will

            Ich zähl die Schritte, und ich zähl die Zeit
            Und jeder Weg führt aus der Dunkelheit

            Im Radio läuft das alte Lied von dann
            Es fängt von vorn und immer anders an

            Mal laut, mal leise, mal ein wenig schief
            Ein Wort, das lange in mir schlief

            {S}, und die Welt wird weit
            Ein kleines Stück Unendlichkeit

            Ich mach die Augen zu und seh dich klar
            Als wär das alles gestern, und doch wahr

            Und fragt mich einer, was ich hab
            {W}, und ich geb nichts davon ab

            Ein Funke nur am Nachmittag
            Und alles klingt, wie ich es mag
        """,
        "birthday": """
            Die Kerzen brennen, und der Tisch ist voll
            Wir singen schief, doch alle finden's toll

            Noch ein Jahr mehr, und du wirst doch nicht alt
            Kommt alle rein, da draußen wird es kalt
        """,
        "child": """
            Die Lampe brennt nur noch ganz klein
            Der Mond schaut leise zu uns rein

            Mach die Augen zu, mein Herz
            Die Träume fliegen himmelwärts
        """,
        "farewell": """
            Dein Mantel hängt nicht mehr an seiner Stelle
            Ein Schatten bleibt zurück auf meiner Schwelle

            Wir haben längst nicht alles noch gesagt
            Ich hätt dich gern so vieles noch gefragt
        """,
        "love": """
            Du lachst, und alles andre wird ganz klein
            So soll es jetzt und so soll's immer sein

            Ich brauch kein Gold, ich brauche keinen Plan
            Du schaust mich nur ein kleines bisschen an
        """,
        "night": """
            Der Mond steigt auf an einem Silberband
            Und legt die Stille über Stadt und Land

            Die Sterne hören zu, ganz nah bei mir
            Und jeder Traum beginnt mit einer Tür
        """,
        "sea": """
            Die Wellen kommen, und die Wellen gehn
            Ich bleib noch eine Weile bei dir stehn

            Ein Segel zieht ins letzte Abendlicht
            Das Meer erzählt, doch es verrät uns nicht
        """,
        "city": """
            Die Straßen glänzen, und das Licht ist rot
            Die letzte Bahn, ein spätes Abendbrot

            Aus jedem Fenster klingt ein andres Stück
            Die Stadt dreht sich und gibt mir was zurück
        """,
        "animal": """
            Du hörst mich, wenn ich um die Ecke geh
            Und freust dich, wenn ich in der Türe steh

            Du fragst mich nie, was dieser Tag gebracht
            Du liegst bei mir und wachst die ganze Nacht
        """,
    },
    choruses="""
        {H}, bleib noch ein bisschen hier
        Der ganze Himmel öffnet sich in mir
        {H}, sing es laut hinaus
        Mit dir bin ich in jeder Stadt zu Haus

        {H}, und alles wird so leicht
        Als hätten wir die Sterne schon erreicht
        {H}, die ganze Nacht entlang
        Du bist das Wort, du bist mein Lieblingsklang
    """,
    themed_choruses={
        "birthday": """
            Alles Gute, {h}, heut ist dein Tag
            Wir singen so laut, wie es jeder mag
            Alles Gute, {h}, mach die Kerzen aus
            Die Musik geht an im ganzen Haus
        """,
    },
    sad_choruses="""
        {H}, wo bist du hingegangen
        Ich hab noch einmal von vorn angefangen
        {H}, ich halte dich im Lied
        Damit es keinem andern je geschieht
    """,
    bridges="""
        Und geht das Licht auch einmal aus
        Ich summ es leise vor mich raus
        Und fehlt mir dann das letzte Wort
        Dann trägt mich die Musik noch fort

        Ganz langsam, ganz leise
        Zieht es seine Kreise
        Ganz nah und ganz weit
        Wir haben noch Zeit
    """,
    closings="""
        Und wenn der letzte Ton verklingt
        {H}, das ist's, was weiterschwingt

        Das Licht geht an, das Lied ist aus
        {H}, wir gehn zusammen nach Haus
    """,
)
