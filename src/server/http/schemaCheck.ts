import Ajv2020 from 'ajv/dist/2020';

/** What is wrong about a value, in words; undefined where nothing is. */
type Check = (value: unknown) => string | undefined;

/**
 * For tests: checks against the schemas of an OpenAPI description. Each schema is compiled once, and what they refer to is
 * compiled once for all of them: compiling takes a hundred times longer than checking.
 */
export function schemaChecks(components: object): (schema: object) => Check {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  ajv.addSchema({ $id: 'description', components });
  const checks = new Map<string, Check>();
  return (schema) => {
    const text = JSON.stringify(schema).replaceAll('"#/components/', '"description#/components/');
    const known = checks.get(text);
    if (known) return known;
    const validate = ajv.compile(JSON.parse(text));
    const check: Check = (value) => (validate(value) ? undefined : ajv.errorsText(validate.errors));
    checks.set(text, check);
    return check;
  };
}
