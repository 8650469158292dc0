import { lazy, type ReactNode, Suspense, useEffect, useRef } from "react";
import { Navigate, useLocation } from "react-router";
import { useMe } from "../../api/session";

const signedOut = () => import("./SignedOut");
const SignedOut = lazy(signedOut);

/**
 * Lets in whoever is signed in, and asks everybody else to sign in first. Whoever is signed out while they are inside
 * stays where they are, with what they wrote and recorded, and signs in again above the page.
 */
export function Door({ children }: { children: ReactNode }) {
  const me = useMe().data;
  const { pathname, search } = useLocation();
  const inside = useRef<string | null>(null);
  const other = Boolean(me && inside.current && me.id !== inside.current);
  useEffect(() => {
    if (other) {
      // Nothing that was read for one account is shown to another.
      window.location.assign("/voices");
    } else if (me) {
      inside.current = me.id;
      // Fetched while it can be: without it, whoever is signed out would lose the page, and what they recorded on it.
      signedOut().catch(() => undefined);
    }
  }, [me, other]);
  if (other) {
    return null;
  }
  if (me === null && inside.current === null) {
    return <Navigate to="/sign-in" replace state={{ from: pathname + search }} />;
  }
  return (
    <>
      {children}
      {me === null && (
        <Suspense>
          <SignedOut />
        </Suspense>
      )}
    </>
  );
}
