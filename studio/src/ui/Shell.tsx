import { useMutation } from "@tanstack/react-query";
import {
  Activity,
  AudioLines,
  Clock,
  Code,
  Languages,
  LogOut,
  type LucideIcon,
  MessageSquareText,
  Mic,
  Moon,
  ShieldCheck,
  Sun,
} from "lucide-react";
import { Suspense, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, Outlet, useLocation, useMatches } from "react-router";
import { api, expected } from "../api/client";
import { leave, useMe } from "../api/session";
import { chooseLanguage } from "../i18n";
import { Button } from "./kit";
import { codeOf, TITLE, Trouble, useWords, Waiting } from "./say";
import { chooseTheme, useTheme } from "./theme";
import { useTell } from "./toast";

interface Place {
  to: string;
  name: string;
  icon: LucideIcon;
}

const PLACES: readonly Place[] = [
  { to: "/voices", name: "voices", icon: AudioLines },
  { to: "/record", name: "record", icon: Mic },
  { to: "/speak", name: "speak", icon: MessageSquareText },
  { to: "/history", name: "history", icon: Clock },
  { to: "/privacy", name: "privacy", icon: ShieldCheck },
];
const DEVELOPER: Place = { to: "/developer", name: "developer", icon: Code };
const OPERATOR: Place = { to: "/operator", name: "operator", icon: Activity };

export function Shell() {
  const { t } = useTranslation();
  const me = useMe();
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const left = useRef(pathname);
  const page = useMatches().at(-1)?.id;
  useEffect(() => {
    // Only who moves from page to page begins at the page; who just came begins at the top, with the skip link.
    if (left.current !== pathname) {
      left.current = pathname;
      window.scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
  }, [pathname]);
  const further = me.data?.role === "operator" ? [DEVELOPER, OPERATOR] : [DEVELOPER];
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t("nav.skip")}
      </a>
      <header className="rail-nav">
        <Wordmark />
        <nav className="nav" aria-label={t("nav.main")}>
          {[...PLACES, ...further].map((place) => (
            <PlaceLink key={place.to} place={place} />
          ))}
        </nav>
        <div className="nav-foot">
          {me.data && (
            <div className="who">
              <strong title={me.data.display_name}>
                <bdi>{me.data.display_name}</bdi>
              </strong>
              <div className="small soft" title={me.data.email ?? ""}>
                {me.data.email}
              </div>
            </div>
          )}
          <Switches signedIn />
        </div>
      </header>
      <main className="main" id="main" ref={main} tabIndex={-1} aria-labelledby={TITLE}>
        <Trouble error={me.error} onRetry={() => void me.refetch()} />
        {me.isPending && <Waiting />}
        {me.data !== undefined && (
          // By page: the router would keep the page before in sight, without a sign, until the next has arrived.
          <Suspense key={page} fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        )}
        <nav className="further" aria-label={t("nav.further")}>
          {further.map((place) => (
            <PlaceLink key={place.to} place={place} />
          ))}
        </nav>
      </main>
      <nav className="tabs" aria-label={t("nav.tabs")}>
        {PLACES.map((place) => (
          <PlaceLink key={place.to} place={place} />
        ))}
      </nav>
    </div>
  );
}

function PlaceLink({ place }: { place: Place }) {
  const { t } = useTranslation();
  const Icon = place.icon;
  return (
    <NavLink to={place.to}>
      <Icon className="icon" aria-hidden />
      {t(`nav.${place.name}`)}
    </NavLink>
  );
}

export function Wordmark() {
  return (
    <NavLink to="/voices" className="wordmark" aria-label="音色 Yinse">
      <img src="/mark.svg" alt="" />
      <span lang="zh-Hans">音色</span>
      <small>Yinse</small>
    </NavLink>
  );
}

export function Switches({ signedIn = false }: { signedIn?: boolean }) {
  const { t, i18n } = useTranslation();
  const theme = useTheme();
  return (
    <div className="row close">
      <Button look="bare" onPress={() => chooseLanguage(i18n.language === "zh" ? "en" : "zh")}>
        <Languages className="icon" aria-hidden />
        <span lang={i18n.language === "zh" ? "en" : "zh-Hans"}>
          {i18n.language === "zh" ? "English" : "中文"}
        </span>
      </Button>
      <Button
        look="bare"
        round
        aria-label={theme === "dark" ? t("nav.light") : t("nav.dark")}
        onPress={() => chooseTheme(theme === "dark" ? "light" : "dark")}
      >
        {theme === "dark" ? <Sun className="icon" aria-hidden /> : <Moon className="icon" aria-hidden />}
      </Button>
      {signedIn && <SignOut />}
    </div>
  );
}

function SignOut() {
  const { t } = useTranslation();
  const tell = useTell();
  const words = useWords();
  const end = useMutation({
    mutationFn: () => expected(api.DELETE("/v1/sessions/current")),
    onSuccess: leave,
    // Whoever could not be signed out is still signed in, and must not believe otherwise.
    onError: (error) => (codeOf(error) === "unauthenticated" ? leave() : tell(words(error))),
  });
  return (
    <Button look="bare" round aria-label={t("nav.signOut")} onPress={() => end.mutate()}>
      <LogOut className="icon" aria-hidden />
    </Button>
  );
}
