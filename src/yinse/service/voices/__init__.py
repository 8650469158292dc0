"""Voices: uploads, enrolment, versions, deletion with a receipt."""
