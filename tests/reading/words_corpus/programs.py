# ruff: noqa: E501, PLE2502 - mail as programs write it, marks of direction and all
"""What mail programs write around a reply, from memory of their looks: the raw material of the generated corpora.

`DEV` is looked at while rules are written; of `HELD_OUT` only the score. Names, addresses and dates are made up.
"""

from __future__ import annotations

# --- announcements of a quotation ("{q}" stands for nothing: the quotation follows) -------------------------------

DEV_ANNOUNCEMENTS = [
    "On Tue, Mar 3, 2026 at 9:14 AM Atelier Nord <orders@studio.example> wrote:",
    "On 3 Mar 2026, at 09:14, Sam Ortiz <orders@studio.example> wrote:",
    "On Tuesday, March 3rd, 2026 at 9:14 AM, Sam Ortiz <orders@studio.example> wrote:",
    "On 03/03/2026 09:14, Sam Ortiz wrote:",
    "On Tue, 2026-03-03 at 09:14 +0100, Sam Ortiz wrote:",
    'On Mar 3, 2026 9:14 AM, "Sam Ortiz" <orders@studio.example> wrote:',
    "2026-03-03 9:14 GMT+01:00 Sam Ortiz <orders@studio.example>:",
    "---- On Tue, 03 Mar 2026 09:14:22 +0100 Sam Ortiz <orders@studio.example> wrote ----",
    "Am 03.03.2026 um 09:14 schrieb Sam Ortiz:",
    "Am Di., 3. März 2026 um 09:14 Uhr schrieb Atelier Nord <orders@studio.example>:",
    "Le mar. 3 mars 2026 à 09:14, Atelier Nord <orders@studio.example> a écrit :",
    "Le 03/03/2026 à 09:14, Sam Ortiz a écrit :",
    "El mar, 3 mar 2026 a las 9:14, Atelier Nord (<orders@studio.example>) escribió:",
    "El 3/3/26 a las 9:14, Sam Ortiz escribió:",
    "Il giorno mar 3 mar 2026 alle ore 09:14 Atelier Nord <orders@studio.example> ha scritto:",
    "Il 03/03/2026 09:14 Sam Ortiz <orders@studio.example> ha scritto:",
    "Em ter., 3 de mar. de 2026 às 09:14, Atelier Nord <orders@studio.example> escreveu:",
    "Op di 3 mrt 2026 om 09:14 schreef Atelier Nord <orders@studio.example>:",
    "Op 3 mrt. 2026 om 09:14 heeft Sam Ortiz <orders@studio.example> het volgende geschreven:",
    "Den tis 3 mars 2026 kl 09:14 skrev Atelier Nord <orders@studio.example>:",
    "Den tir. 3. mar. 2026 kl. 09.14 skrev Atelier Nord <orders@studio.example>:",
    "tir. 3. mar. 2026 kl. 09:14 skrev Atelier Nord <orders@studio.example>:",
    "ti 3. maalisk. 2026 klo 9.14 Atelier Nord (orders@studio.example) kirjoitti:",
    "wt., 3 mar 2026 o 09:14 Atelier Nord <orders@studio.example> napisał(a):",
    "W dniu 3.03.2026 o 09:14, Sam Ortiz pisze:",
    "út 3. 3. 2026 v 9:14 odesílatel Atelier Nord <orders@studio.example> napsal:",
    "Dne 3. 3. 2026 v 9:14 Sam Ortiz napsal(a):",
    "вт, 3 мар. 2026 г. в 09:14, Atelier Nord <orders@studio.example>:",
    "03.03.2026 09:14, Sam Ortiz пишет:",
    "Вторник, 3 марта 2026, 9:14 +03:00 от Atelier Nord <orders@studio.example>:",
    "вт, 3 бер. 2026 р. о 09:14 Atelier Nord <orders@studio.example> пише:",
    "Atelier Nord <orders@studio.example> ezt írta (időpont: 2026. márc. 3., K, 9:14):",
    "Atelier Nord <orders@studio.example>, 3 Mar 2026 Sal, 09:14 tarihinde şunu yazdı:",
    "Στις Τρί 3 Μαρ 2026 στις 9:14 π.μ., ο χρήστης Atelier Nord <orders@studio.example> έγραψε:",
    "‫בתאריך יום ג׳, 3 במרץ 2026 ב-9:14 מאת ‪Atelier Nord‬‏ <‪orders@studio.example‬‏>:‬",
    "في الثلاثاء، ٣ مارس ٢٠٢٦ في ٩:١٤ ص تمت كتابة ما يلي بواسطة Atelier Nord <orders@studio.example>:",
    "Atelier Nord <orders@studio.example> 于2026年3月3日周二 09:14写道：",
    "Atelier Nord <orders@studio.example> 於 2026年3月3日 週二 上午9:14寫道：",
    "2026年3月3日(火) 9:14 Atelier Nord <orders@studio.example>:",
    "2026년 3월 3일 (화) 오전 9:14, Atelier Nord <orders@studio.example>님이 작성:",
    "Vào Th 3, 3 thg 3, 2026 vào lúc 09:14 Atelier Nord <orders@studio.example> đã viết:",
    "Pada Sel, 3 Mar 2026 pukul 09.14 Atelier Nord <orders@studio.example> menulis:",
    "Sam Ortiz <orders@studio.example> writes:",
    "Sam Ortiz via Orders <orders@studio.example> schrieb am Di., 3. März 2026, 09:14:",
]
HELD_ANNOUNCEMENTS = [
    "On Tue, Mar 3, 2026, 09:14 Sam Ortiz <orders@studio.example> wrote:",
    "On Tue, 3 Mar 2026 09:14:22 +0000, Sam Ortiz <orders@studio.example> said:",
    "On Tuesday 03 March 2026 09:14:22 AM Sam Ortiz wrote:",
    "On March 3, 2026 at 9:14:22 AM, Sam Ortiz (orders@studio.example) wrote:",
    "On 3 March 2026 09:14:22 CET, Sam Ortiz <orders@studio.example> wrote:",
    "Quoting Sam Ortiz <orders@studio.example>:",
    "At 09:14 AM 3/3/2026, Sam Ortiz wrote:",
    "Tuesday, March 3, 2026, 9:14:22 AM, you wrote:",
    "Am Dienstag, 3. März 2026, 09:14:22 CET schrieb Sam Ortiz:",
    "Am 3. März 2026 09:14:22 MEZ schrieb Sam Ortiz <orders@studio.example>:",
    "Sam Ortiz <orders@studio.example> hat am 03.03.2026 09:14 CET geschrieben:",
    "Le mardi 3 mars 2026 à 09:14:22 UTC+1, Sam Ortiz <orders@studio.example> a écrit :",
    "Le 3 mars 2026 à 09:14, Sam Ortiz <orders@studio.example> a écrit :",
    "El martes, 3 de marzo de 2026, 09:14:22 CET, Sam Ortiz <orders@studio.example> escribió:",
    "El 3 mar 2026, a las 9:14, Sam Ortiz <orders@studio.example> escribió:",
    "El dia mar 3 de març 2026 a les 9:14, Atelier Nord (<orders@studio.example>) va escriure:",
    "Il martedì 3 marzo 2026 alle ore 09:14:22 CET, Sam Ortiz <orders@studio.example> ha scritto:",
    "Il giorno 3 mar 2026, alle ore 09:14, Sam Ortiz <orders@studio.example> ha scritto:",
    "Em 03/03/2026 09:14, Sam Ortiz escreveu:",
    "No dia 3 de mar. de 2026, às 09:14, Sam Ortiz <orders@studio.example> escreveu:",
    "Sam Ortiz <orders@studio.example> escreveu (terça, 3/03/2026 à(s) 09:14):",
    "Op 03-03-2026 om 09:14 schreef Sam Ortiz:",
    "Sam Ortiz schreef op 2026-03-03 09:14:",
    "Den 2026-03-03 kl. 09:14, skrev Sam Ortiz:",
    "3 mars 2026 kl. 09:14 skrev Sam Ortiz <orders@studio.example>:",
    "Den 03.03.2026 09:14, skrev Sam Ortiz:",
    "Den 3. mar. 2026 kl. 09.14 skrev Sam Ortiz <orders@studio.example>:",
    "Sam Ortiz <orders@studio.example> kirjoitti 3.3.2026 kello 9.14:",
    "3.3.2026 9.14, Sam Ortiz kirjoitti:",
    "Wiadomość napisana przez Sam Ortiz <orders@studio.example> w dniu 3 mar 2026, o godz. 09:14:",
    "Dnia 3 marca 2026 09:14 Sam Ortiz <orders@studio.example> napisał(a):",
    "3. 3. 2026 v 9:14, Sam Ortiz <orders@studio.example>:",
    "ut 3. 3. 2026 o 9:14 Atelier Nord <orders@studio.example> napísal(a):",
    "3 марта 2026 г., в 09:14, Sam Ortiz <orders@studio.example> написал(а):",
    '03.03.2026, 09:14, "Sam Ortiz" <orders@studio.example>:',
    "На вт, 3.03.2026 г. в 9:14 Atelier Nord <orders@studio.example> написа:",
    "uto, 3. ožu 2026. u 09:14 Atelier Nord <orders@studio.example> napisao je:",
    "V V tor., 3. mar. 2026 ob 09:14 je oseba Atelier Nord <orders@studio.example> napisala:",
    "2026. 03. 03. 9:14 keltezéssel, Sam Ortiz írta:",
    "Pe mar., 3 mar. 2026 la 09:14, Atelier Nord <orders@studio.example> a scris:",
    "3 Mar 2026 09:14 tarihinde Sam Ortiz <orders@studio.example> şunu yazdı:",
    "Στις 3/3/2026 9:14 π.μ., ο/η Sam Ortiz έγραψε:",
    "ב-3 במרץ 2026, בשעה 9:14, ‏Sam Ortiz ‏<orders@studio.example> כתב/ה:",
    "在 2026年3月3日，09:14，Sam Ortiz <orders@studio.example> 写道：",
    "2026/03/03 9:14、Sam Ortiz <orders@studio.example>のメール:",
    "2026. 3. 3. 오전 9:14, Sam Ortiz 작성:",
    "เมื่อ อ. 3 มี.ค. 2026 เวลา 09:14 Atelier Nord <orders@studio.example> เขียนว่า:",
    "मंगल, 3 मार्च 2026 को 9:14 am बजे को Atelier Nord <orders@studio.example> ने लिखा:",
    "antr., 2026-03-03 09:14 Atelier Nord <orders@studio.example> rašė:",
    "otrd., 2026. g. 3. marts, plkst. 09:14 — lietotājs Atelier Nord (<orders@studio.example>) rakstīja:",
    "Kuupäev T, 3. märts 2026 kell 09:14 kirjutas Atelier Nord <orders@studio.example>:",
    "Þann þri., 3. mar. 2026 kl. 09:14 skrifaði Atelier Nord <orders@studio.example>:",
]

# --- header blocks over unmarked older mail ----------------------------------------------------------------------

DEV_HEADERS = [
    (
        "________________________________\n",
        "From: Sam Ortiz <orders@studio.example>\nSent: Tuesday, March 3, 2026 9:14 AM\nTo: Ann Lee <ann@client.example>\nSubject: Design approval [ORD-2041]",
    ),
    ("", "From: Atelier Nord\nSent: Tuesday, 3 March 2026 09:14\nTo: Ann Lee\nCc: Bob\nSubject: Re: Design approval"),
    (
        "-----Original Message-----\n",
        "From: Sam Ortiz [mailto:orders@studio.example]\nSent: Tuesday, March 03, 2026 9:14 AM\nTo: Ann Lee\nSubject: Design approval",
    ),
    (
        "",
        "Von: Sam Ortiz <orders@studio.example>\nGesendet: Dienstag, 3. März 2026 09:14\nAn: Ann Lee <ann@client.example>\nBetreff: Freigabe",
    ),
    (
        "-----Ursprüngliche Nachricht-----\n",
        "Von: Sam Ortiz\nGesendet: Dienstag, 3. März 2026 09:14\nAn: Ann Lee\nBetreff: Freigabe",
    ),
    (
        "",
        "De : Sam Ortiz <orders@studio.example>\nEnvoyé : mardi 3 mars 2026 09:14\nÀ : Ann Lee <ann@client.example>\nObjet : Validation",
    ),
    (
        "-----Message d'origine-----\n",
        "De : Sam Ortiz\nEnvoyé : mardi 3 mars 2026 09:14\nÀ : Ann Lee\nObjet : Validation",
    ),
    (
        "",
        "De: Sam Ortiz <orders@studio.example>\nEnviado el: martes, 3 de marzo de 2026 9:14\nPara: Ann Lee <ann@client.example>\nAsunto: Diseño",
    ),
    (
        "",
        "Da: Sam Ortiz <orders@studio.example>\nInviato: martedì 3 marzo 2026 09:14\nA: Ann Lee <ann@client.example>\nOggetto: Approvazione",
    ),
    (
        "",
        "Van: Sam Ortiz <orders@studio.example>\nVerzonden: dinsdag 3 maart 2026 09:14\nAan: Ann Lee <ann@client.example>\nOnderwerp: Ontwerp",
    ),
    (
        "",
        "Fra: Sam Ortiz <orders@studio.example>\nSendt: 3. marts 2026 09:14\nTil: Ann Lee <ann@client.example>\nEmne: Design",
    ),
    (
        "",
        "От: Sam Ortiz <orders@studio.example>\nОтправлено: 3 марта 2026 г. 9:14\nКому: Ann Lee <ann@client.example>\nТема: Дизайн",
    ),
    (
        "",
        "发件人: Sam Ortiz <orders@studio.example>\n发送时间: 2026年3月3日 9:14\n收件人: Ann Lee <ann@client.example>\n主题: 设计",
    ),
    (
        "-------- Original message --------\n",
        "From: Sam Ortiz <orders@studio.example>\nDate: 3/3/26 9:14 AM (GMT+01:00)\nTo: Ann Lee <ann@client.example>\nSubject: Design approval",
    ),
    (
        "---------- Forwarded message ---------\n",
        "From: Atelier Nord <orders@studio.example>\nDate: Tue, Mar 3, 2026 at 9:14 AM\nSubject: Design approval\nTo: <ann@client.example>\n\n",
    ),
    (
        "",
        "*From:* Sam Ortiz <orders@studio.example>\n*Date:* Tuesday, 3 March 2026 at 09:14\n*To:* Ann Lee <ann@client.example>\n*Subject:* Design approval",
    ),
    (
        "----- Forwarded Message -----\n",
        'From: Sam Ortiz <orders@studio.example>\nTo: "ann@client.example" <ann@client.example>\nSent: Tuesday, March 3, 2026, 09:14:22 AM GMT+1\nSubject: Design approval',
    ),
    (
        "",
        "From:        Sam Ortiz <orders@studio.example>\nTo:        Ann Lee/Client@Client\nDate:        03/03/2026 09:14 AM\nSubject:        Design approval",
    ),
]
HELD_HEADERS = [
    (
        "",
        "From: Sam Ortiz <orders@studio.example>\nReply-To: orders+r7@studio.example\nDate: Tuesday, 3 March 2026 at 09:14\nTo: Ann Lee <ann@client.example>\nSubject: Design approval",
    ),
    (
        "________________________________________\n",
        "Von: Sam Ortiz [orders@studio.example]\nGesendet: Dienstag, 3. März 2026 09:14\nBis: Ann Lee\nAn: Ann Lee\nBetreff: AW: Freigabe",
    ),
    (
        "________________________________\n",
        "De: Sam Ortiz <orders@studio.example>\nEnviado: terça-feira, 3 de março de 2026 09:14\nPara: Ann Lee <ann@client.example>\nAssunto: Aprovação",
    ),
    (
        "________________________________\n",
        "Från: Sam Ortiz <orders@studio.example>\nSkickat: den 3 mars 2026 09:14\nTill: Ann Lee <ann@client.example>\nÄmne: Design",
    ),
    (
        "",
        "Fra: Sam Ortiz <orders@studio.example>\nDato: tirsdag 3. mars 2026 kl. 09:14\nTil: Ann Lee <ann@client.example>\nEmne: Design",
    ),
    (
        "",
        "Lähettäjä: Sam Ortiz <orders@studio.example>\nLähetetty: tiistai 3. maaliskuuta 2026 9.14\nVastaanottaja: Ann Lee <ann@client.example>\nAihe: Malli",
    ),
    (
        "",
        "Od: Sam Ortiz <orders@studio.example>\nWysłano: wtorek, 3 marca 2026 09:14\nDo: Ann Lee <ann@client.example>\nTemat: Projekt",
    ),
    (
        "",
        "Od: Sam Ortiz <orders@studio.example>\nOdesláno: úterý 3. března 2026 9:14\nKomu: Ann Lee <ann@client.example>\nPředmět: Návrh",
    ),
    (
        "",
        "Odosielateľ: Sam Ortiz <orders@studio.example>\nOdoslané: utorok 3. marca 2026 9:14\nPríjemca: Ann Lee <ann@client.example>\nPredmet: Návrh",
    ),
    (
        "",
        "Feladó: Sam Ortiz <orders@studio.example>\nElküldve: 2026. március 3., kedd 9:14\nCímzett: Ann Lee <ann@client.example>\nTárgy: Terv",
    ),
    (
        "",
        "De la: Sam Ortiz <orders@studio.example>\nTrimis: marți, 3 martie 2026 09:14\nCătre: Ann Lee <ann@client.example>\nSubiect: Model",
    ),
    (
        "",
        "Από: Sam Ortiz <orders@studio.example>\nΣτάλθηκε: Τρίτη, 3 Μαρτίου 2026 9:14 πμ\nΠρος: Ann Lee <ann@client.example>\nΘέμα: Σχέδιο",
    ),
    (
        "",
        "Kimden: Sam Ortiz <orders@studio.example>\nGönderildi: 3 Mart 2026 Salı 09:14\nKime: Ann Lee <ann@client.example>\nKonu: Tasarım",
    ),
    (
        "",
        "מאת: Sam Ortiz <orders@studio.example>\nנשלח: יום שלישי 3 מרץ 2026 09:14\nאל: Ann Lee <ann@client.example>\nנושא: עיצוב",
    ),
    (
        "",
        "من: Sam Ortiz <orders@studio.example>\nتم الإرسال: الثلاثاء، 3 مارس 2026 09:14\nإلى: Ann Lee <ann@client.example>\nالموضوع: التصميم",
    ),
    (
        "",
        "差出人: Sam Ortiz <orders@studio.example>\n送信日時: 2026年3月3日 9:14\n宛先: Ann Lee <ann@client.example>\n件名: デザイン",
    ),
    (
        "",
        "보낸 사람: Sam Ortiz <orders@studio.example>\n보낸 날짜: 2026년 3월 3일 화요일 오전 9:14\n받는 사람: Ann Lee <ann@client.example>\n제목: 디자인",
    ),
    (
        "",
        "Від: Sam Ortiz <orders@studio.example>\nНадіслано: вівторок, 3 березня 2026 р. 09:14\nКому: Ann Lee <ann@client.example>\nТема: Дизайн",
    ),
    (
        "------------------ 原始邮件 ------------------\n",
        '发件人: "Sam Ortiz" <orders@studio.example>;\n发送时间: 2026年3月3日(星期二) 上午9:14\n收件人: "Ann Lee"<ann@client.example>;\n主题: 设计',
    ),
    (
        "-------- Messaggio originale --------\n",
        "Oggetto: Approvazione\nData: Tue, 3 Mar 2026 09:14:22 +0100\nMittente: Sam Ortiz <orders@studio.example>\nA: Ann Lee <ann@client.example>",
    ),
    (
        "-------- Weitergeleitete Nachricht --------\n",
        "Betreff: \tFreigabe\nDatum: \tTue, 3 Mar 2026 09:14:22 +0100\nVon: \tSam Ortiz <orders@studio.example>\nAn: \tann@client.example\n\n",
    ),
    (
        "---------- Message transféré ---------\n",
        "De : Sam Ortiz <orders@studio.example>\nDate : mardi 3 mars 2026 09:14\nSujet : Validation\nÀ : Ann Lee <ann@client.example>",
    ),
    (
        "",
        "Prej: Sam Ortiz <orders@studio.example>\nPoslano: torek, 3. marec 2026 09:14\nZa: Ann Lee <ann@client.example>\nZadeva: Oblikovanje",
    ),
    (
        "",
        "Saatja: Sam Ortiz <orders@studio.example>\nSaadetud: teisipäev, 3. märts 2026 09:14\nAdressaat: Ann Lee <ann@client.example>\nTeema: Disain",
    ),
    (
        "",
        "Nuo: Sam Ortiz <orders@studio.example>\nIšsiųsta: 2026 m. kovo 3 d., antradienis 09:14\nKam: Ann Lee <ann@client.example>\nTema: Dizainas",
    ),
]

# --- other separators: the first line of what follows -------------------------------------------------------------

DEV_LINES = [
    "-----Original Message-----",
    "##- Please type your reply above this line -##",
    "-------- Ursprüngliche Nachricht --------",
    "-------- Mensaje original --------",
    "--- Reply above this line ---",
    "---------- Původní e-mail ----------",
]
HELD_LINES = [
    "----- Message d'origine -----",
    "-------- Oorspronkelijk bericht --------",
    "-------- Исходное сообщение --------",
    "------ Original Message ------",
    "---------- Původní zpráva ----------",
    "-=-=-= Please reply above this line =-=-=-",
    "----- Alkuperäinen viesti -----",
    "-------- 원본 이메일 --------".replace("원본 이메일", "원본 메시지"),
]

# --- what people type ---------------------------------------------------------------------------------------------

DEV_REPLIES = [
    "Approved, thank you!",
    "ok",
    "Yes, but please once the hem is fixed.",
    "Hi Sam,\n\nnot yet. The sleeves are still too long:\n- left 2 cm\n- right 3 cm\n\nCan you change that first?\n\nBest,\nAnn",
    "Freigegeben. Bitte aber vorher den Saum kürzen.",
    "C'est bon pour moi, merci.",
    "APPROVED",
    "👍",
    "Va bene, procedete pure.\n\nP.S. Il venerdì non ci sono.",
    "同意，谢谢",
    "承認します。よろしくお願いします。",
    "מאושר, תודה",
    "موافق، شكرا",
    "2",
    "Three things:\n1. the hem\n2. the 2 sleeves",
    "Time: 10:00\nPlace: your studio\nTo be clear: nothing red",
    "from 3 to 5 cm shorter",
    "Ann 5/3",
    "Option 2 please: we want to stay on schedule.\nFrom our side that is final.",
    "Let's meet on 12 March at 10:00, and I will tell you then.",
    "On Monday I said it is fine.\n\nI did not change my mind.",
]
HELD_REPLIES = [
    "Looks good to us, please go ahead.",
    "No.",
    "Approved subject to the following:\n1. gold thread, not silver\n2. delivery by 20 March\n\nThanks and regards\nAnn Lee",
    "Ja, aber erst wenn der Saum passt.\nGruß\nAnn",
    "Nous validons.\n\nEn revanche, la date du 12/03 ne convient pas : plutôt le 14 à 15h.",
    "Sí, adelante.",
    "👍🏽 great",
    "好的，没问题",
    "네, 승인합니다.",
    "Да, всё хорошо.",
    "We had agreed on two fittings, not one - please see the contract of 5 January 2026.\n\nUntil that is clear: hold.",
    "1",
    "Yes yes yes!!!",
    "To answer your question: silk.\nDate: as agreed.\nColour: ivory",
    "Hello,\n\nplease call me at +1 555 0100 before you start.",
]

OUR_MAIL = """Hello Ann,

the sketches for the ball gowns are ready. Please look at them and tell us by Friday, 6 March 2026, whether we may go on.

1. Wait for the original silk: delivery moves to 27 March
2. Take the satin: we stay on schedule

Reply APPROVED to go ahead, or write what you would like to change.

Kind regards
Sam Ortiz
Atelier Nord"""

SIGNATURES = [
    "-- \nAnn Lee\nClient Ltd\n+1 555 010 0200",
    "Sent from my iPhone",
    "--\nAnn",
    "Von meinem iPhone gesendet",
    "Envoyé de mon iPad",
    "Get Outlook for iOS<https://aka.ms/o0ukef>",
    "Sent from Yahoo Mail for iPhone",
    "从我的iPhone发送",
]
FOOTERS = [
    "CONFIDENTIALITY NOTICE: This e-mail and any attachments are for the exclusive and confidential use of the intended\nrecipient. If you are not the intended recipient, please do not read, distribute or take action based on this message.",
    "Diese E-Mail enthält vertrauliche Informationen. Wenn Sie nicht der richtige Adressat sind, informieren Sie bitte\nden Absender und vernichten Sie diese E-Mail.",
    "This email has been checked for viruses by Avast antivirus software.\nwww.avast.com",
    "_______________________________________________\nDesign mailing list\ndesign@lists.client.example\nhttps://lists.client.example/listinfo/design",
]
BANNERS = [
    "[EXTERNAL]",
    "CAUTION: This email originated from outside of the organization. Do not click links or open attachments\nunless you recognize the sender and know the content is safe.",
    "You don't often get email from ann@client.example. Learn why this is important",
]
