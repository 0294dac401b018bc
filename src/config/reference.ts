import { setting, SETTING_NAMES } from "./schema.ts";
import { flagName, type Section, SECTIONS, yamlKey } from "./setting.ts";

/** `docs/configuration.md`: the page of all settings. */
export function configurationPage(): string {
  return [HEAD, ...SECTIONS.map(sectionText), TAIL].join("\n");
}

function sectionText(section: Section): string {
  const rows = SETTING_NAMES.filter((name) => setting(name).section === section).map(row);
  return [
    `## ${section}`,
    "",
    "| setting | allowed | default | |",
    "|---|---|---|---|",
    ...rows,
    "",
  ]
    .join("\n");
}

function row(name: typeof SETTING_NAMES[number]): string {
  const { kind, default: text, defaultNote, description, reload } = setting(name);
  const names = `\`${name}\`<br>\`--${flagName(name)}\`<br>\`${yamlKey(name)}\``;
  const standard = text === undefined ? defaultNote ?? "none" : `\`${text}\``;
  const note = reload === undefined ? "" : ` ${RELOADED}`;
  const cells = [names, kind.allowed, standard, description + note];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

/** What marks a setting that may change while the program runs. */
const RELOADED = "**Read again on SIGHUP.**";

const HEAD = `# Configuration

<!-- Made by \`deno run -A scripts/docs.ts\` from src/config. Change the settings there. -->

You can give every setting in three ways:

- as an environment variable: \`BATCH_SIZE=1000\`
- as a flag: \`--batch-size 1000\`
- in a YAML file: \`batchSize: 1000\`. Name the file with \`--config\` or \`TRIBUTARY_CONFIG\`.

A flag wins over the environment, the environment over the file, and the file over the default. An empty environment variable counts as not set.
Blanks around a variable or a flag are taken away. In the YAML file they are a fault, because only quotes keep them there.

- \`tributary config init\` writes a YAML file with every setting in it.
- \`tributary config show\` prints the settings in force and where each comes from, without secrets.
- \`tributary config schema\` prints the JSON Schema of the YAML file, for editors.

Durations have a unit: \`500ms\`, \`30s\`, \`3m\`, \`2h\`, \`7d\`. Sizes have one too: \`512KiB\`, \`64MiB\`, \`1GiB\` (\`KB\`, \`MB\`, \`GB\` are powers of ten).

**Secrets.** \`MONGODB_URI\`, \`REDIS_URL\` and \`HTTP_TOKEN\` can come from a file: \`MONGODB_URI_FILE=/run/secrets/mongodb-uri\`,
\`--mongodb-uri-file\`, \`mongodbUriFile\`. Do not give a secret as a flag: every user of the machine can see it in the list of processes. Use the
environment or a file. tributary masks secrets wherever it shows settings.

**The environment from a file.** \`--env-file /etc/tributary/tributary.env\` reads \`NAME=value\` lines as systemd's \`EnvironmentFile=\` does. It works
with every verb that reads settings. The environment wins over this file.

**While it runs.** Send SIGHUP, and \`tributary run\` reads its files again. It takes over the settings marked "read again on SIGHUP" at once. For all
others that have changed, the log says that they wait for a restart. If the settings have a fault, nothing changes, and the log names every fault. See
[production](production.md#changing-settings).

**In the YAML file** \`\${NAME}\` is filled in from the environment. \`\${NAME:-text}\` has a default, and \`$\${\` stands for \`\${\`. A setting or a
key that tributary does not know is a fault. tributary lists all faults at once, each with its file, line and column, and ends with exit code 2.

\`\`\`yaml
mongodbUri: "\${MONGODB_URI}"
mongodbDatabase: shop
mongodbCollections: [orders, customers]
destination: s3://lake/shop
batchTimeout: 1m
\`\`\`
`;

const TAIL = `## Which collections

With \`MONGODB_DATABASE\`, every entry of \`MONGODB_COLLECTIONS\` is a collection of that database. You may write the database in front
(\`shop.orders\`). Any other dot is a part of the collection's name (\`fs.files\`). Without \`MONGODB_DATABASE\`, every entry is \`db.coll\`.

| \`MONGODB_DATABASE\` | \`MONGODB_COLLECTIONS\` | watched |
|---|---|---|
| | | the deployment, one stream |
| \`shop\` | | the database \`shop\`, one stream |
| \`shop\` | \`orders,customers\` | two collections, a stream each |
| | \`shop.orders,crm.people\` | two collections, a stream each |
| \`shop\` | \`orders_*,!orders_tmp\` | the database \`shop\`, one stream, filtered |
| | \`shop.orders_*\` | the database \`shop\`, one stream, filtered |
| | \`*.orders\` | the deployment, one stream, filtered |

\`WATCH_LEVEL\` overrides the last column. With \`WATCH_LEVEL=collection\` and a \`*\`, each collection that fits gets a stream of its own. That includes
collections that are made later ([collections that come and go](protocol.md#collections-that-come-and-go)).

Time-series collections and views have no change events. If you name one, \`check\` and \`run\` refuse. If it only fits a pattern, tributary leaves it out.

## Transformations

\`pipeline\` in the YAML file is a list of MongoDB aggregation stages. MongoDB runs them on every event. These stages are allowed: \`$match\`, \`$project\`,
\`$addFields\`, \`$set\`, \`$unset\`, \`$replaceRoot\`, \`$replaceWith\`, \`$redact\`. Write values as Extended JSON: \`1\` is an int32 (int64 if it is
large), \`1.0\` a double.

\`\`\`yaml
pipeline:
  - $match: { operationType: { $in: [insert, update, replace, delete] } }
  - $unset: [fullDocument.password, updateDescription.updatedFields.password]
\`\`\`

Sometimes tributary must read a part of a stream again. It must then find the same events. So these are faults:

- Whatever gives another result the next time: \`$rand\`, \`$sampleRate\`, \`$function\`, \`$accumulator\`, \`$where\`, \`$createUUID\`, \`$createObjectId\`, \`$currentDate\`, \`$$NOW\`,
  \`$$CLUSTER_TIME\`, \`$$USER_ROLES\`.
- A change of \`_id\`, \`operationType\`, \`ns\`, \`clusterTime\` or \`documentKey\`. A \`$project\` that keeps some fields must keep these. A new root must
  be \`{$mergeObjects: ["$$ROOT", ...]}\`.
- A filter (\`$match\`, \`$redact\`) on \`fullDocument\` or \`fullDocumentBeforeChange\`, or on a field copied from them. A document that is looked up may be
  another one the next time. Such a filter is allowed with \`FULL_DOCUMENT=required\` or \`FULL_DOCUMENT_BEFORE_CHANGE=required\`.
- \`$$DESCEND\` in \`$redact\`. It could cut out parts of \`_id\`, \`ns\` or \`documentKey\`.

## Credentials for S3

They come from where the AWS SDK looks: the environment, a profile, a web identity, the container, the instance. They are no settings of tributary.

If S3 refuses them, tributary reads files, tokens and roles again before the next try. So you can replace keys there without a restart. Keys in
environment variables need a restart.

## Room for keys

The longest key that your settings allow must fit. S3 takes keys of 1,024 bytes, with the prefix. A file system takes names of 255 bytes and paths of 4,095. The names
of databases and collections take 100 bytes each at most. \`run\` and \`check\` refuse a prefix or a \`KEY_TEMPLATE\` that leaves no room.
`;
