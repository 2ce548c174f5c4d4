"""Configuration of the hosts that files are read from."""

from __future__ import annotations

from portal.config import Key, Section


class IntegrationsConf(Section):
    """The source hosts that the portal reads from, and what lets it in. github.com, gitlab.com, dev.azure.com and
    bitbucket.org are known without an entry; what anybody may read there needs no credentials.
    """

    prefix = "integrations"

    github = Key.json(
        "github",
        default=[],
        secrets=["[].token", "[].apps[].privateKey", "[].apps[].clientSecret", "[].apps[].webhookSecret"],
        help="GitHub: a list of `{host, token, apps, apiBaseUrl, rawBaseUrl}`; each of `apps` is `{appId, privateKey, "
        "clientId, clientSecret, webhookSecret, allowedInstallationOwners, publicAccess}`. An app's tokens come before "
        "`token`.",
    )
    gitlab = Key.json(
        "gitlab",
        default=[],
        secrets=["[].token", "[].commitSigningKey"],
        help="GitLab: a list of `{host, token, apiBaseUrl, baseUrl, retry}`; `retry` is `{maxRetries, "
        "retryStatusCodes, maxApiRequestsPerMinute}`.",
    )
    bitbucket_cloud = Key.json(
        "bitbucketCloud",
        default=[],
        secrets=["[].token", "[].appPassword", "[].clientId", "[].clientSecret", "[].commitSigningKey"],
        help="Bitbucket Cloud: a list of `{username, token}`, `{token}` for a repository's or workspace's own token, "
        "`{username, appPassword}` or `{clientId, clientSecret}`.",
    )
    bitbucket_server = Key.json(
        "bitbucketServer",
        default=[],
        secrets=["[].token", "[].username", "[].password", "[].commitSigningKey"],
        help="Bitbucket Server and Data Center: a list of `{host, token, username, password, apiBaseUrl}`.",
    )
    azure = Key.json(
        "azure",
        default=[],
        secrets=[
            "[].credentials[].personalAccessToken",
            "[].credentials[].clientSecret",
            "[].commitSigningKey",
        ],
        help="Azure DevOps: a list of `{host, credentials}`; each of `credentials` may name its `organizations`, and "
        "is `{personalAccessToken}`, `{tenantId, clientId, clientSecret}`, `{clientId}` for a managed identity "
        "(`system-assigned` for the machine's own), or `{tenantId, clientId, managedIdentityClientId}`.",
    )
    gerrit = Key.json(
        "gerrit",
        default=[],
        secrets=["[].username", "[].password", "[].commitSigningKey"],
        help="Gerrit: a list of `{host, gitilesBaseUrl, baseUrl, cloneUrl, disableEditUrl, username, password}`.",
    )
    gitea = Key.json(
        "gitea",
        default=[],
        secrets=["[].username", "[].password", "[].commitSigningKey"],
        help="Gitea and Forgejo: a list of `{host, baseUrl, username, password}`. An access token goes into "
        "`password`, without a `username`.",
    )
    harness = Key.json(
        "harness",
        default=[],
        secrets=["[].token", "[].apiKey"],
        help="Harness Code: a list of `{host, apiKey, token}`.",
    )
    aws_s3 = Key.json(
        "awsS3",
        default=[],
        secrets=["[].secretAccessKey"],
        help="Amazon S3 and stores like it: a list of `{endpoint, s3ForcePathStyle, accessKeyId, secretAccessKey, "
        "roleArn, externalId}`. Without keys those of `aws.mainAccount` count.",
    )
    aws_code_commit = Key.json(
        "awsCodeCommit",
        default=[],
        secrets=["[].secretAccessKey", "[].externalId"],
        help="AWS CodeCommit: a list of `{accessKeyId, secretAccessKey, roleArn, externalId}`. Without keys those of "
        "`aws.mainAccount` count.",
    )
    azure_blob_storage = Key.json(
        "azureBlobStorage",
        default=[],
        secrets=["[].accountKey", "[].sasToken", "[].connectionString", "[].aadCredential.clientSecret"],
        help="Azure Blob Storage: a list of accounts, `{accountName, endpoint, endpointSuffix}` with `accountKey`, "
        "`sasToken`, `connectionString` or `aadCredential: {tenantId, clientId, clientSecret}`; without any the "
        "machine's identity counts.",
    )
    google_gcs = Key.json(
        "googleGcs",
        default={},
        secrets=["privateKey"],
        help="Google Cloud Storage: `{clientEmail, privateKey}` of a service account; empty for the default "
        "credentials.",
    )


conf = IntegrationsConf()


class AwsConf(Section):
    """What lets the portal into AWS accounts. Without any of it AWS's usual credentials are looked for: those of the
    environment, of `~/.aws`, of the machine's role.
    """

    prefix = "aws"

    main_account = Key.json(
        "mainAccount",
        default={},
        secrets=["accessKeyId", "secretAccessKey"],
        help="The account that counts where none is named, and that asks for the roles in others: "
        "`{accessKeyId, secretAccessKey}` or `{profile}`; `region` is where its token service is asked.",
    )
    accounts = Key.json(
        "accounts",
        default=[],
        secrets=["[].accessKeyId", "[].secretAccessKey", "[].externalId"],
        help="A list of `{accountId}`, the number in quotation marks, with `{accessKeyId, secretAccessKey}`, "
        "`{profile}`, or `{roleName, partition, region, externalId}`: a role that is asked for with the keys beside "
        "it, with the token in `webIdentityTokenFile`, or else with the main account's keys.",
    )
    account_defaults = Key.json(
        "accountDefaults",
        default={},
        secrets=["externalId"],
        help="A role for accounts that aren't named: `{roleName, partition, region, externalId, "
        "webIdentityTokenFile}`.",
    )


aws_conf = AwsConf()
