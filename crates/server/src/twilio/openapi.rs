//! The description of the REST API as an OpenAPI document, made of the same table as its router.

mod schema;

use axum::response::Json;
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, Schema, Type};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, RefOr, Required, ResponseBuilder,
};

use super::rest::{Route, all};
use schema::{ALL, META, Shape};

/// Where it stands.
pub(crate) const PATH: &str = "/v1/openapi.json";

/// Answers with the document; it says nothing that the project does not say itself, so that nobody need have a key.
pub(crate) async fn document() -> Json<OpenApi> {
    Json(made())
}

fn made() -> OpenApi {
    let mut paths = PathsBuilder::new();
    for route in all() {
        for address in route.addresses() {
            let item = PathItem::new(method(route), operation(route, &address));
            paths = paths.path(address, item);
        }
    }
    let info = InfoBuilder::new()
        .title("Confab")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("The REST API of Twilio Conversations, as Confab's server speaks it."));
    let schemas = ALL.into_iter().chain([&META]);
    let components = schemas.fold(ComponentsBuilder::new(), |components, resource| {
        components.schema(resource.name, RefOr::from(Schema::from(resource.schema())))
    });
    let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Basic));
    OpenApiBuilder::new()
        .info(info.build())
        .paths(paths.build())
        .components(Some(components.security_scheme("api_key", scheme).build()))
        .security(Some([SecurityRequirement::new("api_key", [] as [&str; 0])]))
        .build()
}

fn method(route: &Route) -> HttpMethod {
    match route.method {
        "POST" => HttpMethod::Post,
        "DELETE" => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}

fn operation(route: &Route, address: &str) -> utoipa::openapi::path::Operation {
    let mut operation =
        OperationBuilder::new().summary(Some(route.does)).operation_id(Some(id(route, address)));
    for name in names(address) {
        operation = operation.parameter(parameter(name, ParameterIn::Path, Required::True));
    }
    let shape = schema::shape(route);
    if route.method == "GET" {
        let of_pages: &[&str] =
            if matches!(shape, Shape::Page(..)) { &["PageSize", "Page", "PageToken"] } else { &[] };
        for name in route.takes.iter().chain(of_pages) {
            operation = operation.parameter(parameter(name, ParameterIn::Query, Required::False));
        }
    } else if !route.takes.is_empty() {
        operation = operation.request_body(Some(form(route.takes)));
    }
    if route.tells_hooks() {
        let header = parameter("X-Twilio-Webhook-Enabled", ParameterIn::Header, Required::False);
        operation = operation.parameter(header);
    }
    let refused = ResponseBuilder::new().description("Refused: `status`, `code` and `message` say why");
    operation
        .response(route.status().to_string(), answer(route, &shape))
        .response("default", refused.build())
        .build()
}

/// What is answered when it goes well.
fn answer(route: &Route, shape: &Shape) -> utoipa::openapi::Response {
    let text = match route.status() {
        204 => "It is gone",
        201 | 202 => "It was made",
        _ => "As it stands",
    };
    let response = ResponseBuilder::new().description(text);
    let schema: RefOr<Schema> = match shape {
        _ if route.method == "DELETE" => return response.build(),
        Shape::Nothing => return response.build(),
        Shape::One(resource) => resource.reference(),
        Shape::Page(rows, resource) => ObjectBuilder::new()
            .property(*rows, ArrayBuilder::new().items(resource.reference()))
            .required(*rows)
            .property("meta", META.reference())
            .required("meta")
            .into(),
    };
    response.content("application/json", ContentBuilder::new().schema(Some(schema)).build()).build()
}

/// Words of the method and the address, which together stand once.
fn id(route: &Route, address: &str) -> String {
    let letters = address.chars().map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' });
    format!("{}{}", route.method.to_lowercase(), letters.collect::<String>())
}

/// The names in braces of an address.
fn names(address: &str) -> impl Iterator<Item = &str> {
    address.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

fn parameter(name: &str, place: ParameterIn, required: Required) -> utoipa::openapi::path::Parameter {
    ParameterBuilder::new().name(name).parameter_in(place).required(required).schema(Some(text())).build()
}

fn text() -> RefOr<Schema> {
    ObjectBuilder::new().schema_type(Type::String).into()
}

fn form(fields: &[&str]) -> utoipa::openapi::request_body::RequestBody {
    let object = fields.iter().fold(ObjectBuilder::new(), |object, name| object.property(*name, text()));
    let content = ContentBuilder::new().schema(Some(RefOr::from(object))).build();
    RequestBodyBuilder::new().content("application/x-www-form-urlencoded", content).build()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_route_stands_in_the_document_with_its_fields() {
        let document = serde_json::to_value(made()).unwrap();
        let mut ids = BTreeSet::new();
        for route in all() {
            for address in route.addresses() {
                let operation = &document["paths"][&address][route.method.to_lowercase()];
                assert_eq!(operation["summary"], route.does, "{} {address}", route.method);
                assert!(ids.insert(operation["operationId"].to_string()), "{operation}");
            }
        }
        let create = &document["paths"]["/v1/Conversations"]["post"];
        let form = &create["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"];
        assert_eq!(form["properties"]["FriendlyName"]["type"], "string");
        let fetch = &document["paths"]["/v1/Services/{service}/Users/{user}"]["get"];
        assert_eq!(fetch["parameters"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn the_documentation_has_a_line_for_every_route() {
        let text = include_str!("../../../../docs/twilio.md");
        for route in all() {
            let line = format!("| {} | `{}` |", route.method, route.path);
            assert!(text.contains(&line), "docs/twilio.md has no line {line:?}");
        }
    }
}
