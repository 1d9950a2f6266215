/* SPDX-License-Identifier: EUPL-1.2 */
/* The mail providers of the public, whose domains say nothing about where somebody works. There is no register of them:
 * the table was put together from what the large providers and the access providers of each country of Europe offer to
 * anybody, under the names they give out as addresses. Who is missing here is taken for an organisation, and strangers
 * share its limit; so a domain that both staff and customers use belongs here. Domains of universities and schools, and
 * one's own, are no providers. Add to it where people meet one, in the order of bytes. Called by ask. Pure. Any thread.
 */
#include "signup/provider.h"

#include <stddef.h>
#include <string.h>

/* These hold their name under nearly every country code, so it alone is compared. */
static const char *const families[] = { "gmx", "hotmail", "outlook", "yahoo", "yandex" };

static const char *const providers[] = {
    "012.net.il", "10minutemail.com", "126.com", "139.com", "163.com", "189.cn", "21cn.com", "9online.fr", "a1.net",
    "abv.bg", "accountant.com", "adon.li", "adslhome.dk", "aeiou.pt", "aim.com", "alice-dsl.de", "alice-dsl.net",
    "alice.de", "alice.it", "aliceadsl.fr", "aliyun.com", "altibox.no", "ameritech.net", "amis.net", "amorki.pl",
    "anonaddy.me", "aol.co.uk", "aol.com", "aol.de", "aol.es", "aol.fr", "aol.it", "aon.at", "arcor.de", "atlas.cz",
    "atlas.sk", "att.net", "autistici.org", "autograf.pl", "autorambler.ru", "azet.sk", "bbox.fr", "belgacom.net",
    "bell.net", "bellsouth.net", "beotel.net", "bezeqint.net", "biglobe.ne.jp", "bigmir.net", "bigpond.com",
    "bigpond.net.au", "bih.net.ba", "bk.ru", "blu.it", "bluemail.ch", "bluewin.ch", "blueyonder.co.uk", "bol.com.br",
    "bredband.net", "bredband2.com", "broadpark.no", "brutele.be", "btinternet.com", "btopenworld.com",
    "buziaczek.pl", "c2i.net", "cablenet.com.cy", "cableone.net", "caiway.nl", "caramail.com", "caramail.fr",
    "casema.nl", "cegetel.net", "centrum.cz", "centrum.sk", "centurylink.net", "centurytel.net", "charter.net",
    "chello.at", "chello.hu", "chello.nl", "chello.sk", "citromail.hu", "clicknet.ro", "clix.pt", "club-internet.fr",
    "cock.li", "cogeco.ca", "comcast.net", "comhem.se", "compuserve.de", "consultant.com", "contractor.net",
    "countermail.com", "cox.net", "ctemplar.com", "cytanet.com.cy", "dartybox.com", "daum.net", "dbmail.com",
    "digikabel.hu", "dir.bg", "directbox.com", "disroot.org", "dnainternet.net", "docomo.ne.jp", "dr.com", "duck.com",
    "e-apollo.lv", "e1.ru", "earthlink.net", "eircom.net", "elisanet.fi", "email.com", "email.cz", "email.de",
    "email.dk", "email.ee", "email.it", "email.si", "email.t-com.hr", "email.ua", "embarqmail.com", "epost.no",
    "estpak.ee", "eunet.rs", "europe.com", "euskaltel.net", "ewetel.net", "excite.com", "ezweb.ne.jp",
    "fastmail.co.uk", "fastmail.com", "fastmail.de", "fastmail.es", "fastmail.fm", "fastmail.in", "fastmail.jp",
    "fastmail.net", "fastmail.org", "fastmail.se", "fastmail.to", "fastmail.uk", "fastmail.us", "fastwebnet.it",
    "fibermail.dk", "forthnet.gr", "foxmail.com", "free.fr", "freeler.nl", "freemail.gr", "freemail.hu", "freenet.de",
    "freesbee.fr", "freeserve.co.uk", "freesurf.ch", "frisurf.no", "frontier.com", "frontiernet.net", "fsmail.net",
    "gazeta.pl", "gbg.bg", "getmail.no", "giallo.it", "globomail.com", "glocalnet.net", "gmail.com", "go.net.mt",
    "go2.pl", "googlemail.com", "guerrillamail.com", "guest.arnes.si", "gyuvetch.bg", "hanmail.net", "hellasnet.gr",
    "hetnet.nl", "hey.com", "hinet.net", "hispeed.ch", "hol.gr", "home.nl", "home.se", "hot.ee", "hotbox.ru",
    "htp-tel.de", "hush.com", "hushmail.com", "hushmail.me", "i.softbank.jp", "i.ua", "icloud.com", "ig.com.br",
    "iinet.net.au", "ik.me", "iki.fi", "in.gr", "iname.com", "inbox.com", "inbox.eu", "inbox.lt", "inbox.lv",
    "inbox.ru", "indamail.hu", "indigo.ie", "inet.fi", "inet.hr", "infinito.it", "inode.at", "int.pl", "interfree.it",
    "interia.com", "interia.eu", "interia.pl", "internet.is", "internet.lu", "internet.ru", "intmail.pl",
    "invitel.hu", "inwind.it", "iol.ie", "iol.it", "iol.pt", "jippii.fi", "jubii.dk", "juno.com", "k.ro",
    "kabelbw.de", "kabelmail.de", "kabelplus.at", "kabsi.at", "katamail.com", "kataweb.it", "keemail.me",
    "kolumbus.fi", "kpnmail.nl", "kpnplanet.nl", "land.ru", "laposte.net", "lavabit.com", "lenta.ru", "libero.it",
    "libertysurf.fr", "lineone.net", "linuxmail.org", "list.ru", "live.at", "live.be", "live.ca", "live.ch",
    "live.cl", "live.cn", "live.co.in", "live.co.kr", "live.co.uk", "live.co.za", "live.com", "live.com.ar",
    "live.com.au", "live.com.co", "live.com.mx", "live.com.my", "live.com.pe", "live.com.ph", "live.com.pk",
    "live.com.pt", "live.com.sg", "live.de", "live.dk", "live.fi", "live.fr", "live.hk", "live.ie", "live.in",
    "live.it", "live.jp", "live.nl", "live.no", "live.ph", "live.ru", "live.se", "liwest.at", "luukku.com",
    "luukku.fi", "lycos.com", "lycos.de", "lyse.net", "mac.com", "madasafish.com", "magenta.de", "mail.am", "mail.bg",
    "mail.by", "mail.com", "mail.de", "mail.dk", "mail.ee", "mail.kz", "mail.lt", "mail.lv", "mail.md", "mail.ro",
    "mail.ru", "mail.tele.dk", "mail.telepac.pt", "mail.ua", "mailbox.hu", "mailbox.org", "mailfence.com",
    "mailinator.com", "mailo.com", "mailo.eu", "mailo.fr", "maltanet.net", "mbnet.fi", "me.com", "meta.ua",
    "mindspring.com", "mnet-mail.de", "mnet-online.de", "mozmail.com", "msn.com", "mts.rs", "multikabel.nl",
    "mundo-r.com", "mweb.co.za", "mycosmos.gr", "mynet.com", "myrambler.ru", "myself.com", "myyahoo.com", "narod.ru",
    "nate.com", "naver.com", "navigator.lv", "neobee.net", "neostrada.pl", "net.bg", "net.hr", "netcabo.pt",
    "netcologne.de", "netcourrier.com", "neti.ee", "netscape.net", "netti.fi", "netvision.net.il", "netzero.net",
    "neuf.fr", "newmail.dk", "nexgo.de", "nextgentel.com", "ngs.ru", "nifty.com", "nm.ru", "noos.fr", "nordnet.fr",
    "ntlworld.co.uk", "ntlworld.com", "numericable.fr", "nxt.ru", "o2.pl", "o2mail.de", "o2online.de",
    "oceanfree.net", "ofir.dk", "oi.com.br", "one.lt", "one.lv", "onet.com.pl", "onet.eu", "onet.pl", "onetel.com",
    "oniduo.pt", "online.ee", "online.nl", "online.no", "online.ua", "onlinehome.de", "ono.com", "onsbrabantnet.nl",
    "onvol.net", "op.pl", "open.telekom.rs", "optimum.net", "optonline.net", "optusnet.com.au", "orange.fr",
    "orange.net", "orangemail.sk", "os.t-com.hr", "osnanet.de", "otenet.gr", "ownit.nu", "ozu.es", "pacbell.net",
    "pandora.be", "passagen.se", "phnet.fi", "planet.nl", "plus.com", "plus.net", "plusnet.com", "pm.me", "pobox.sk",
    "pochta.ru", "poczta.fm", "poczta.interia.pl", "poczta.onet.pl", "poczta.pl", "portugalmail.com",
    "portugalmail.pt", "post.cz", "post.sk", "post.tele.dk", "posteo.at", "posteo.ch", "posteo.de", "posteo.eu",
    "posteo.me", "posteo.net", "posteo.org", "powersurf.li", "pp.inet.fi", "pp1.inet.fi", "primehome.com",
    "privat.dk", "private.dk", "privaterelay.appleid.com", "prodigy.net", "profibermail.dk", "prokonto.pl",
    "proton.me", "protonmail.ch", "protonmail.com", "pt.lu", "ptt.rs", "q.com", "qip.ru", "qq.com", "quick.cz",
    "quicknet.nl", "r0.ru", "rambler.ru", "rambler.ua", "rcn.com", "rdslink.ro", "rediffmail.com", "ri.t-com.hr",
    "riseup.net", "ro.ru", "roadrunner.com", "rocketmail.com", "rogers.com", "rr.com", "runbox.com", "safe-mail.net",
    "sapo.pt", "saunalahti.fi", "sbb.rs", "sbcglobal.net", "scarlet.be", "sent.com", "seznam.cz", "sfr.fr", "shaw.ca",
    "simnet.is", "simplelogin.com", "sina.cn", "sina.com", "siol.net", "skiff.com", "sky.com", "skynet.be",
    "softbank.ne.jp", "sohu.com", "solcon.nl", "soverin.net", "splius.lt", "spnet.net", "spoko.pl", "spoluzaci.cz",
    "spray.se", "st.t-com.hr", "start.no", "startmail.com", "stofanet.dk", "stonline.sk", "suddenlink.net",
    "suomi24.fi", "supanet.com", "supereva.it", "superonline.com", "swbell.net", "swipnet.se", "swissonline.ch",
    "sympatico.ca", "szm.sk", "t-2.net", "t-com.hr", "t-com.me", "t-online.com", "t-online.de", "t-online.hu",
    "takas.lt", "talk21.com", "talktalk.net", "tdcadsl.dk", "tdcspace.dk", "techie.com", "telecable.es",
    "telefonica.net", "telemach.net", "telenet.be", "telepac.pt", "teletu.it", "telfort.nl", "telia.com",
    "telkomsa.net", "telus.net", "temp-mail.org", "terra.com.br", "terra.es", "tesco.net", "tim.it", "tin.it",
    "tiscali.co.uk", "tiscali.cz", "tiscali.it", "tlen.pl", "tom.com", "tpg.com.au", "ttmail.com", "turk.net",
    "tut.by", "tuta.com", "tuta.io", "tutamail.com", "tutanota.com", "tutanota.de", "tvcablenet.be", "ua.fm",
    "ukr.net", "unity-mail.de", "unitybox.de", "uol.com.br", "upcmail.hu", "upcmail.nl", "usa.com", "utanet.at",
    "uwclub.net", "verizon.net", "vfemail.net", "videotron.ca", "vip.163.com", "vip.hr", "vip.qq.com", "vipmail.hu",
    "virgilio.it", "virgin.net", "virginmedia.com", "visir.is", "vivodinet.gr", "vo.lu", "vodafone.net",
    "vodafonemail.de", "vodamail.co.za", "voila.fr", "volja.net", "volny.cz", "vortex.is", "vp.pl", "waldonet.net.mt",
    "walla.co.il", "walla.com", "wanadoo.es", "wanadoo.fr", "wanadoo.nl", "web.de", "webmail.co.za", "webspeed.dk",
    "welho.com", "windowslive.com", "windowslive.gr", "windstream.net", "wippies.com", "wippies.fi", "wp.pl",
    "writeme.com", "xmail.ru", "xs4all.nl", "xtra.co.nz", "ya.com", "ya.ru", "yahoomail.com", "yeah.net", "ymail.com",
    "yopmail.com", "youmail.dk", "yubc.net", "zebra.lt", "zeelandnet.nl", "zg.htnet.hr", "zg.t-com.hr", "ziggo.nl",
    "zipmail.com.br", "zoho.com", "zoho.eu", "zohomail.com", "zohomail.eu", "zohomail.in", "zonnet.nl", "zoznam.sk",
};

static bool is_country(const char *label)
{
    return strlen(label) == 2;
}

/* `com`, `net`, `de`, `co.uk`, `com.br` */
static bool is_ending(const char *ending)
{
    if (strncmp(ending, "co.", 3) == 0)
        return is_country(ending + 3);
    if (strncmp(ending, "com.", 4) == 0)
        return is_country(ending + 4);
    return strcmp(ending, "com") == 0 || strcmp(ending, "net") == 0 || is_country(ending);
}

bool provider_known(const char *domain)
{
    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        const size_t size = strlen(families[i]);
        if (strncmp(domain, families[i], size) == 0 && domain[size] == '.' && is_ending(domain + size + 1))
            return true;
    }
    for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++)
        if (strcmp(domain, providers[i]) == 0)
            return true;
    return false;
}
