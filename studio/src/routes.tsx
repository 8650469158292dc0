import { createBrowserRouter, Navigate } from "react-router";
import { SignIn } from "./features/account/SignIn";
import { DeveloperPage } from "./features/developer/DeveloperPage";
import { HistoryPage } from "./features/history/HistoryPage";
import { OperatorPage } from "./features/operator/OperatorPage";
import { PrivacyPage } from "./features/privacy/PrivacyPage";
import { RecordPage } from "./features/record/RecordPage";
import { SpeakPage } from "./features/speak/SpeakPage";
import { VoicePage } from "./features/voices/VoicePage";
import { VoicesPage } from "./features/voices/VoicesPage";
import { Shell } from "./ui/Shell";

// The first parts of these paths are also named in src/yinse/app/studio.py, which serves this page for them.
export const router = createBrowserRouter([
  { path: "/sign-in", element: <SignIn /> },
  {
    element: <Shell />,
    children: [
      { index: true, element: <Navigate to="/voices" replace /> },
      { path: "/record", element: <RecordPage /> },
      { path: "/record/:voiceId", element: <RecordPage /> },
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
]);
