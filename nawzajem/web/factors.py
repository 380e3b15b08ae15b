"""Secrets of second factors: sealed before they are kept, so that a stolen database makes no codes."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import DefaultMFAAdapter

from nawzajem.ground import gate, seal

PURPOSE = "second-factors"


class Factors(DefaultMFAAdapter):
    def validation_error(self, code: str, *args: Any) -> Any:
        if code == "incorrect_code":
            gate.opened_nothing("second_factor")
        return super().validation_error(code, *args)

    def encrypt(self, text: str) -> str:
        return seal.hide(text, purpose=PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return seal.show(encrypted_text, purpose=PURPOSE)
