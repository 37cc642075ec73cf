"""Three mistakes around one exchange that is right."""

from training.exercises.hands import Learner


def solve(learner: Learner) -> None:
    account = learner.account
    learner.answer("guess", 2)
    ((right_key, token),) = account.logins("user-pool", "ana").items()
    host, _, user_pool = right_key.partition("/")
    learner.send("cognito-identity", "GetId", IdentityPoolId=user_pool)
    wrong = {f"{host}/{account.pool_id}": token}
    learner.send("cognito-identity", "GetId", IdentityPoolId=account.pool_id, Logins=wrong)
    ana = learner.run(provider="user-pool", person="ana")
    learner.send("cognito-identity", "GetCredentialsForIdentity", IdentityId=ana.identity_id)
    learner.send("cognito-identity", "GetId", IdentityPoolId=account.pool_id)
