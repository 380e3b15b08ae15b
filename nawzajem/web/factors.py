"""Secrets of second factors: sealed before they are kept, so that a stolen database makes no codes."""

from __future__ import annotations

from allauth.mfa.adapter import DefaultMFAAdapter

from nawzajem.ground import seal

PURPOSE = "second-factors"


class Factors(DefaultMFAAdapter):
    def encrypt(self, text: str) -> str:
        return seal.hide(text, purpose=PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return seal.show(encrypted_text, purpose=PURPOSE)
