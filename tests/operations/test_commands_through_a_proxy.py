"""In a company: whatever the operator's commands ask of AWS goes by the proxy, and trusts the company's authority.

Names of AWS are looked up by the proxy only: a command that did not go by it would find nobody, or AWS itself, which
does not know these keys.
"""

import pytest

from operations.conformance.cases import CASES
from operations.doctor.examination import examine
from tests.operations.conftest import Operator
from tests.operations.doctor.conftest import Installation, lab, plain_environment, provisioned
from tests.tunnels import Proxy

__all__ = ["lab", "plain_environment", "provisioned"]
pytestmark = pytest.mark.slow


def asked(proxy: Proxy) -> set[str]:
    """The services that tunnels led to."""
    assert all(authority.endswith(".amazonaws.com:443") for authority in proxy.tunnels)
    return {"s3" if ".s3." in authority else authority.split(".")[0] for authority in proxy.tunnels}


def test_an_account_is_set_up_and_taken_down_through_it(operator: Operator, company: Proxy) -> None:
    said = operator.run("provision", "--yes")
    assert "\nCOGNITO_IDENTITY_POOL_ID=us-east-1:" in said
    assert asked(company) >= {"cloudformation", "s3", "dynamodb"}
    company.tunnels.clear()
    operator.run("provision", "--destroy", "--yes")
    assert asked(company) >= {"cloudformation", "s3"}


def test_the_doctor_looks_through_it(lab: Installation, company: Proxy) -> None:
    lab.settings.AWS_ENDPOINT = None  # as it is in AWS mode
    rows = examine(only=["caller", "pool", "guests", "roles", "trust", "samples"]).rows
    assert [(row.name, row.findings) for row in rows if row.state != "ok"] == []
    assert asked(company) >= {"sts", "cognito-identity", "iam", "s3", "dynamodb", "ssm"}


def test_the_cases_are_asked_through_it_and_what_they_need_is_made_and_cleaned(
    operator: Operator, company: Proxy
) -> None:
    said = operator.run("conformance", "--yes", "--region", "us-east-1")
    assert f"{len(CASES)} of {len(CASES)} as expected, 0 different." in said
    assert asked(company) == {"cognito-identity", "iam", "sts"}
    company.tunnels.clear()
    assert "Nothing of any run is left" in operator.run("conformance", "--clean", "--region", "us-east-1")
    assert asked(company) == {"cognito-identity", "iam"}
