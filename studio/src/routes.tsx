import { lazy } from "react";
import { createBrowserRouter, Navigate } from "react-router";
import { Door } from "./features/account/Door";
import { SignIn } from "./features/account/SignIn";
import { VoicesPage } from "./features/voices/VoicesPage";
import { Broken } from "./ui/Broken";
import { Shell } from "./ui/Shell";

// Pages come when they are visited; the two that everybody meets first come at once.
const RecordPage = lazy(() => import("./features/record/RecordPage"));
const VoicePage = lazy(() => import("./features/voices/VoicePage"));
const SpeakPage = lazy(() => import("./features/speak/SpeakPage"));
const HistoryPage = lazy(() => import("./features/history/HistoryPage"));
const PrivacyPage = lazy(() => import("./features/privacy/PrivacyPage"));
const DeveloperPage = lazy(() => import("./features/developer/DeveloperPage"));
const OperatorPage = lazy(() => import("./features/operator/OperatorPage"));

// The first parts of these paths are also named in src/yinse/app/studio.py, which serves this page for them.
export const router = createBrowserRouter([
  { path: "/sign-in", element: <SignIn />, errorElement: <Broken /> },
  {
    element: (
      <Door>
        <Shell />
      </Door>
    ),
    errorElement: <Broken />,
    children: [
      {
        errorElement: <Broken />,
        children: [
          { index: true, element: <Navigate to="/voices" replace /> },
          { path: "/record/:voiceId?", element: <RecordPage /> },
          { path: "/voices", element: <VoicesPage /> },
          { path: "/voices/:voiceId", element: <VoicePage /> },
          { path: "/speak", element: <SpeakPage /> },
          { path: "/history", element: <HistoryPage /> },
          { path: "/privacy", element: <PrivacyPage /> },
          { path: "/developer", element: <DeveloperPage /> },
          { path: "/operator", element: <OperatorPage /> },
          { path: "*", element: <Navigate to="/voices" replace /> },
        ],
      },
    ],
  },
]);
