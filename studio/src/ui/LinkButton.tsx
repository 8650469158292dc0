import type { ReactNode } from "react";
import { Link } from "react-router";

interface LinkButtonProps {
  to: string;
  look?: "primary" | "quiet" | "bare";
  /** Start the page anew, also when it is this one. */
  reload?: boolean;
  children: ReactNode;
}

export function LinkButton({ to, look = "quiet", reload = false, children }: LinkButtonProps) {
  return (
    <Link className={`button ${look}`} to={to} reloadDocument={reload}>
      {children}
    </Link>
  );
}
