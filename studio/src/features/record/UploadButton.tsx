import { Upload } from "lucide-react";
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/kit";

const TYPES = ["audio/*", ".wav", ".flac", ".mp3", ".m4a", ".aac", ".ogg", ".webm"];

interface UploadButtonProps {
  onFiles: (files: readonly File[]) => void;
  isDisabled?: boolean;
}

/** Recordings that were made elsewhere. */
export function UploadButton({ onFiles, isDisabled = false }: UploadButtonProps) {
  const { t } = useTranslation();
  return (
    <FileTrigger acceptedFileTypes={TYPES} allowsMultiple onSelect={(files) => onFiles([...(files ?? [])])}>
      <Button isDisabled={isDisabled}>
        <Upload className="icon" aria-hidden />
        {t("record.upload")}
      </Button>
    </FileTrigger>
  );
}
