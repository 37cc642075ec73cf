# What an identity pool's set-up needs, as somebody would write it for Terraform's AWS provider.

terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0"
    }
  }
}

variable "endpoint" { type = string }
variable "account" { type = string }
variable "guests" { default = true }
variable "department" { default = "custom:department" }

provider "aws" {
  region                      = "us-east-1"
  access_key                  = var.account
  secret_key                  = "test"
  s3_use_path_style           = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = false
  endpoints {
    cognitoidentity = var.endpoint
    cognitoidp      = var.endpoint
    dynamodb        = var.endpoint
    iam             = var.endpoint
    s3              = var.endpoint
    ssm             = var.endpoint
    sts             = var.endpoint
  }
}

locals {
  trust = {
    for amr in ["authenticated", "unauthenticated"] : amr => jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Federated = "cognito-identity.amazonaws.com" }
        Action    = "sts:AssumeRoleWithWebIdentity"
        Condition = {
          StringEquals             = { "cognito-identity.amazonaws.com:aud" = aws_cognito_identity_pool.pool.id }
          "ForAnyValue:StringLike" = { "cognito-identity.amazonaws.com:amr" = amr }
        }
      }]
    })
  }
  objects = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["s3:GetObject"], Resource = "${aws_s3_bucket.files.arn}/*" }]
  })
}

resource "aws_cognito_user_pool" "people" {
  name = "people"
  password_policy {
    minimum_length  = 10
    require_numbers = true
  }
  tags = { team = "lab" }
}

resource "aws_cognito_user_pool_client" "web" {
  name                = "web"
  user_pool_id        = aws_cognito_user_pool.people.id
  explicit_auth_flows = ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
  callback_urls       = ["https://lab.example.org/"]
  write_attributes    = ["name"]
}

resource "aws_cognito_user_pool_domain" "login" {
  domain       = "lab-${var.account}"
  user_pool_id = aws_cognito_user_pool.people.id
}

resource "aws_cognito_user_group" "staff" {
  name         = "staff"
  user_pool_id = aws_cognito_user_pool.people.id
  role_arn     = aws_iam_role.signed_in.arn
}

resource "aws_iam_openid_connect_provider" "company" {
  url            = "https://login.example.net/tenant/"
  client_id_list = ["lab"]
}

resource "aws_cognito_identity_pool" "pool" {
  identity_pool_name               = "lab"
  allow_unauthenticated_identities = var.guests
  allow_classic_flow               = false
  supported_login_providers        = { "accounts.google.com" = "lab.apps.googleusercontent.com" }
  openid_connect_provider_arns     = [aws_iam_openid_connect_provider.company.arn]
  cognito_identity_providers {
    client_id               = aws_cognito_user_pool_client.web.id
    provider_name           = aws_cognito_user_pool.people.endpoint
    server_side_token_check = true
  }
  tags = { team = "lab" }
}

resource "aws_iam_role" "signed_in" {
  name               = "lab-signed-in"
  assume_role_policy = local.trust["authenticated"]
}

resource "aws_iam_role" "guest" {
  name               = "lab-guest"
  assume_role_policy = local.trust["unauthenticated"]
}

resource "aws_iam_role_policy" "own" {
  name   = "files"
  role   = aws_iam_role.guest.id
  policy = local.objects
}

resource "aws_iam_policy" "files" {
  name   = "lab-files"
  policy = local.objects
}

resource "aws_iam_role_policy_attachment" "files" {
  role       = aws_iam_role.signed_in.name
  policy_arn = aws_iam_policy.files.arn
}

resource "aws_cognito_identity_pool_roles_attachment" "roles" {
  identity_pool_id = aws_cognito_identity_pool.pool.id
  roles            = { authenticated = aws_iam_role.signed_in.arn, unauthenticated = aws_iam_role.guest.arn }
  role_mapping {
    identity_provider         = "${aws_cognito_user_pool.people.endpoint}:${aws_cognito_user_pool_client.web.id}"
    ambiguous_role_resolution = "AuthenticatedRole"
    type                      = "Rules"
    mapping_rule {
      claim      = var.department
      match_type = "Equals"
      value      = "Engineering"
      role_arn   = aws_iam_role.signed_in.arn
    }
  }
}

resource "aws_cognito_identity_pool_provider_principal_tag" "tags" {
  identity_pool_id       = aws_cognito_identity_pool.pool.id
  identity_provider_name = aws_cognito_user_pool.people.endpoint
  use_defaults           = false
  principal_tags         = { department = var.department }
}

resource "aws_s3_bucket" "files" {
  bucket = "lab-files-${var.account}"
}

resource "aws_s3_bucket_cors_configuration" "files" {
  bucket = aws_s3_bucket.files.id
  cors_rule {
    allowed_methods = ["GET"]
    allowed_origins = ["https://lab.example.org"]
  }
}

resource "aws_dynamodb_table" "orders" {
  name         = "orders"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "owner"
  attribute {
    name = "owner"
    type = "S"
  }
}

resource "aws_ssm_parameter" "greeting" {
  name  = "/lab/greeting"
  type  = "String"
  value = "hello"
}
