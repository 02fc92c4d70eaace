"""Why an action may be refused. The message is for the person who tried."""


class Refusal(Exception):
    """Base of every named refusal of this app; `str()` says what is wrong and what to do."""

    message = "This isn't possible right now."

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.message)


class NotReady(Refusal):
    """The campaign lacks something; `missing` lists it in plain words."""

    def __init__(self, missing: list[str]) -> None:
        self.missing = missing
        super().__init__("Not ready to launch. Still missing: " + "; ".join(missing) + ".")


class NotDraft(Refusal):
    message = "This campaign has already been launched."


class NotLive(Refusal):
    message = "This campaign isn't live. Launch it before sending offers; a closed campaign takes no answers."


class NotYours(Refusal):
    message = "Some of these creators are not in your directory."


class Blocked(Refusal):
    message = "You blocked this creator. Lift the block on their profile first."


class NoTerms(Refusal):
    message = "There is no new offer to send. Set the terms first."


class EmptyOffer(Refusal):
    message = "This offer gives the creator nothing. Set a fee, a product or a commission."


class NothingToAnswer(Refusal):
    message = "There is no open offer to answer: it was answered, replaced or withdrawn in the meantime."


class AnotherVersion(Refusal):
    message = "The offer changed while you were reading. Please read the new version before you answer."


class AlreadyAgreed(Refusal):
    message = "Both sides have agreed already, so the terms can't change any more."


class ContractChanged(Refusal):
    message = "The stored contract text doesn't match its hash, so it can't be agreed to. Please contact support."


class NoContract(Refusal):
    message = "There is no contract to agree to yet. It is written when an offer is accepted."


class NotRemovable(Refusal):
    message = "Something is agreed or over already, so the creator stays in the campaign's history."


class NotAgreedYet(Refusal):
    message = "Agree to the contract first; then you can hand in posts."


class NothingToHandIn(Refusal):
    message = "Posts can be handed in once the offer is accepted, and as many as were asked for."


class NotAPost(Refusal):
    """The address is no post of the network that was asked for."""


class AlreadyHandedIn(Refusal):
    message = "This post was handed in already."


class AccountUnknown(Refusal):
    message = "We don't know your account on this network. Add your handle below the post's address."


class SomebodyElsesPost(Refusal):
    """The address names an account that isn't the creator's."""


class AlreadyReviewed(Refusal):
    message = "Somebody reviewed this post in the meantime."


class WrittenByOffer(Refusal):
    message = "This line comes from an accepted offer and can't be removed."


class OtherCurrency(Refusal):
    message = "Your hourly rate is in another currency than this campaign. Reckon the amount and add it as a cost."
