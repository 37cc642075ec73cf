"""Google twice, SAML five times."""

from training.exercises.hands import Learner


def solve(learner: Learner) -> None:
    role = learner.account.role_arn
    learner.run(provider="google", person="ana")
    learner.run(provider="google", person="ana", flow="basic")
    learner.run(provider="saml", person="ana", flow="basic")
    learner.run(provider="saml", person="ana")
    learner.run(provider="saml", person="devi")
    learner.run(provider="saml", person="devi", CustomRoleArn=role("LabEngineers"))
    learner.run(provider="saml", person="devi", CustomRoleArn=role("TwoDoorsUser"))
