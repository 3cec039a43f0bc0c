"""Rhymed lines in Spanish. What the brief names follows `para` or a comma: `de` would contract."""

from __future__ import annotations

from typing import Final

from compose.writers.lyric_banks.bank import bank_of

SPANISH: Final = bank_of(
    themes={
        "birthday": "cumpleanos fiesta velas pastel aniversario",
        "child": "nana cuna bebe nino nina hijo hija dormir sueno",
        "farewell": "adios despedida perdido extrano recuerdo ausencia",
        "love": "amor corazon beso boda enamorado novia novio juntos",
        "night": "noche luna estrella estrellas suenos medianoche",
        "sea": "mar playa ola olas barco puerto isla verano oceano",
        "city": "ciudad calle calles metro neon tejados madrid barcelona",
        "animal": "perro gato caballo pajaro conejo",
    },
    verses={
        "": """
            Lo escribí todo en un papel
            Y lo dejé volar con él

            La mañana entra sin llamar
            Y no tengo prisa por llegar

            Cerré los ojos y conté hasta tres
            Y todo empezó otra vez

            La vieja radio vuelve a sonar
            Y me devuelve a aquel lugar

            Camino despacio, sin mirar atrás
            Lo que buscaba no busco más

            Una palabra basta hoy
            Para saber adónde voy

            Es para {s} mi canción
            La llevo aquí, en el corazón

            Y si preguntan qué tengo yo
            {W}, y eso nadie me lo dio

            Una chispa al atardecer
            Y todo vuelve a nacer

            Abro la puerta, abro el balcón
            Y entra de golpe la canción
        """,
        "birthday": """
            Las velas brillan, llegó la ocasión
            Toda la casa canta esta canción

            Pide un deseo y no lo digas más
            Un año nuevo te vino a buscar
        """,
        "child": """
            La luna cuida tu balcón
            Duerme despacio, corazón

            Los sueños son barcos de papel
            Que van despacio por un mar de miel
        """,
        "farewell": """
            Tu abrigo ya no está detrás
            De aquella puerta que no se abre más

            No nos dijimos todo al final
            Quedó una silla frente al ventanal
        """,
        "love": """
            Dices mi nombre y se para el reloj
            Y en este mundo quedamos tú y yo

            No quiero oro, no quiero más
            Solo tu mano y un poco de paz
        """,
        "night": """
            La luna sube por un hilo de plata
            Y la ciudad en silencio se delata

            Las estrellas se acercan para oír
            Lo que de día no sé decir
        """,
        "sea": """
            La ola viene y se va
            Y deja escrito lo que vendrá

            Una vela se pierde en el sol
            Y el mar la guarda con su color
        """,
        "city": """
            Brillan las calles después de llover
            Y hay mil historias por conocer

            Pasa el último tren bajo mis pies
            La ciudad gira y gira al revés
        """,
        "animal": """
            Conoces mis pasos al llegar
            Y corres a la puerta a saludar

            Nunca preguntas cómo me fue
            Te quedas a mi lado, y yo lo sé
        """,
    },
    choruses="""
        {H}, quédate un poco más
        Contigo el cielo se abre de par en par
        {H}, canta sin parar
        Donde tú vayas yo quiero estar

        Para {s}, esta canción
        Que suene fuerte en cada balcón
        Para {s}, hasta el final
        Que nadie deje de cantar
    """,
    themed_choruses={
        "birthday": """
            Feliz cumpleaños, {h}, hoy es tu día
            La casa entera canta de alegría
            Feliz cumpleaños, {h}, sopla otra vez
            Que se cumplan todos, de uno a diez
        """,
    },
    sad_choruses="""
        {H}, dónde te fuiste a esconder
        Yo sigo cantando al anochecer
        {H}, te guardo en mi voz
        Aquí no cabe ningún adiós
    """,
    bridges="""
        Y si la luz se va a apagar
        Yo la canción voy a tararear
        Y si me falta la voz al fin
        La música sigue dentro de mí

        Despacio, despacio
        Nos sobra el espacio
        Muy cerca, muy bien
        Respira también
    """,
    closings="""
        Y cuando acabe la canción
        {H}, te llevo en el corazón

        Se enciende la luz, se apaga la voz
        {H}, nos vamos los dos
    """,
)
