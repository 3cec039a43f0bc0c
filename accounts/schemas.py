"""How accounts look on the wire. The spelling is the public contract's."""

from pydantic import BaseModel

from accounts.models import User


class Account(BaseModel):
    """Who the credentials belong to. There are no wallets here, so that address is empty."""

    username: str
    currentEmail: str
    walletAddress: str = ""
    displayName: str
    id: str

    @classmethod
    def of(cls, user: User) -> "Account":
        return cls(
            username=user.username,
            currentEmail=user.email,
            displayName=user.display_name,
            id=user.public_id,
        )
