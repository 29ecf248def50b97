#include "bus/xmpp/forms.hpp"

#include <array>
#include <charconv>

#include "bus/limits.hpp"

namespace xbus::xmpp {

namespace {

constexpr std::array<std::string_view, 4> form_types = {"form", "submit", "cancel", "result"};
constexpr std::array<std::string_view, 10> field_types = {
    "boolean",    "fixed",       "hidden",     "jid-multi",    "jid-single",
    "list-multi", "list-single", "text-multi", "text-private", "text-single"};
constexpr std::array<std::string_view, 4> methods = {"basic", "open", "range", "regex"};

template <class Enum, size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& names, std::string_view name) {
  for (size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

std::optional<uint32_t> number_of(const std::string* text) {
  if (!text) return std::nullopt;
  uint32_t value = 0;
  auto [stop, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || stop != text->data() + text->size()) return std::nullopt;
  return value;
}

void set_if(xml::Element& element, std::string_view name, std::string_view value) {
  if (!value.empty()) element.set(name, value);
}

void add_text_child(xml::Element& parent, std::string name, std::string_view text) {
  xml::Element& child = parent.add(std::move(name));
  if (!text.empty()) child.add_text(text);
}

// ---- Writing ----

xml::Element to_element(const Validation& validation) {
  xml::Element element("validate", std::string(ns_data_validate));
  element.set("datatype", validation.datatype);
  xml::Element& method = element.add(std::string(methods[static_cast<size_t>(validation.method)]));
  if (validation.method == Validation::Method::range) {
    set_if(method, "min", validation.min);
    set_if(method, "max", validation.max);
  } else if (validation.method == Validation::Method::regex) {
    method.add_text(validation.regex);
  }
  if (validation.list_min || validation.list_max) {
    xml::Element& range = element.add("list-range");
    if (validation.list_min) range.set("min", std::to_string(*validation.list_min));
    if (validation.list_max) range.set("max", std::to_string(*validation.list_max));
  }
  return element;
}

xml::Element to_element(const Field& field) {
  xml::Element element("field", std::string(ns_data));
  set_if(element, "var", field.var);
  if (field.type) element.set("type", name_of(*field.type));
  set_if(element, "label", field.label);
  if (!field.desc.empty()) add_text_child(element, "desc", field.desc);
  if (field.required) element.add("required");
  if (field.validation) element.add(to_element(*field.validation));
  for (const std::string& value : field.values) add_text_child(element, "value", value);
  for (const Option& option : field.options) {
    xml::Element& child = element.add("option");
    set_if(child, "label", option.label);
    add_text_child(child, "value", option.value);
  }
  return element;
}

// ---- Reading ----

Validation validation_from(const xml::Element& element) {
  Validation out;
  out.datatype = element.attr_or("datatype", "xs:string");
  for (const xml::Element* child : element.elements()) {
    if (child->ns() != ns_data_validate) continue;
    if (child->name() == "list-range") {
      out.list_min = number_of(child->attr("min"));
      out.list_max = number_of(child->attr("max"));
    } else if (auto method = find<Validation::Method>(methods, child->name())) {
      out.method = *method;
      if (*method == Validation::Method::range) {
        out.min = child->attr_or("min", "");
        out.max = child->attr_or("max", "");
      } else if (*method == Validation::Method::regex) {
        out.regex = child->text();
      }
    }
  }
  return out;
}

// Counts against the limits over the whole form.
struct Budget {
  size_t fields = limits::form_fields_max;
  size_t values = limits::form_values_max;
  static bool take(size_t& left) { return left > 0 && left-- > 0; }
};

Result<Field, FormError> field_from(const xml::Element& element, Budget& budget) {
  if (!Budget::take(budget.fields)) return Err{FormError::too_many};
  Field field;
  field.var = element.attr_or("var", "");
  if (const std::string* type = element.attr("type")) {
    // A type that is not known is text-single (XEP-0004 section 3.3).
    field.type = find<FieldType>(field_types, *type).value_or(FieldType::text_single);
  }
  field.label = element.attr_or("label", "");
  if (field.var.empty() && field.type != FieldType::fixed) return Err{FormError::field_without_var};
  for (const xml::Element* child : element.elements()) {
    if (child->is("validate", ns_data_validate)) field.validation = validation_from(*child);
    if (child->ns() != ns_data) continue;
    if (child->name() == "value") {
      if (!Budget::take(budget.values)) return Err{FormError::too_many};
      field.values.push_back(child->text());
    } else if (child->name() == "option") {
      if (!Budget::take(budget.values)) return Err{FormError::too_many};
      auto values = child->elements("value", ns_data);
      if (values.size() != 1) continue;  // nothing that could be chosen
      field.options.push_back({std::string(child->attr_or("label", "")), values.front()->text()});
    } else if (child->name() == "desc") {
      field.desc = child->text();
    } else if (child->name() == "required") {
      field.required = true;
    }
  }
  return field;
}

Result<std::vector<Field>, FormError> fields_from(const xml::Element& parent, Budget& budget) {
  std::vector<Field> out;
  for (const xml::Element* child : parent.elements("field", ns_data)) {
    auto field = field_from(*child, budget);
    if (!field) return Err{field.error()};
    out.push_back(std::move(*field));
  }
  return out;
}

}  // namespace

std::string_view name_of(FormType type) { return form_types[static_cast<size_t>(type)]; }
std::string_view name_of(FieldType type) { return field_types[static_cast<size_t>(type)]; }

std::string_view Form::form_type() const {
  const Field* found = field("FORM_TYPE");
  if (!found || found->values.empty()) return {};
  if (found->type != FieldType::hidden && !(type == FormType::submit && !found->type)) return {};
  for (const std::string& value : found->values) {
    if (value != found->values.front()) return {};
  }
  return found->values.front();
}

const Field* Form::field(std::string_view var) const {
  for (const Field& field : fields) {
    if (field.var == var) return &field;
  }
  return nullptr;
}

std::optional<std::string_view> Form::value(std::string_view var) const {
  const Field* found = field(var);
  if (!found) return std::nullopt;
  return found->value();
}

Form& Form::add(std::string_view var, std::string_view value, std::optional<FieldType> field_type) {
  Field field;
  field.var = var;
  field.type = field_type;
  field.values.emplace_back(value);
  fields.push_back(std::move(field));
  return *this;
}

Form make_form(FormType type, std::string_view form_type) {
  Form form;
  form.type = type;
  form.add("FORM_TYPE", form_type, FieldType::hidden);
  return form;
}

xml::Element to_element(const Form& form) {
  xml::Element x("x", std::string(ns_data));
  x.set("type", name_of(form.type));
  if (!form.title.empty()) add_text_child(x, "title", form.title);
  for (const std::string& line : form.instructions) add_text_child(x, "instructions", line);
  for (const Field& field : form.fields) x.add(to_element(field));
  if (!form.reported.empty()) {
    xml::Element& reported = x.add("reported");
    for (const Field& field : form.reported) reported.add(to_element(field));
  }
  for (const std::vector<Field>& row : form.items) {
    xml::Element& item = x.add("item");
    for (const Field& field : row) item.add(to_element(field));
  }
  return x;
}

Result<Form, FormError> form_from(const xml::Element& x) {
  if (!x.is("x", ns_data)) return Err{FormError::not_a_form};
  auto type = find<FormType>(form_types, x.attr_or("type", ""));
  if (!type) return Err{FormError::not_a_form};
  Form form;
  form.type = *type;
  Budget budget;
  auto fields = fields_from(x, budget);
  if (!fields) return Err{fields.error()};
  form.fields = std::move(*fields);
  for (const xml::Element* child : x.elements()) {
    if (child->ns() != ns_data) continue;
    if (child->name() == "title") {
      form.title = child->text();
    } else if (child->name() == "instructions") {
      if (!Budget::take(budget.values)) return Err{FormError::too_many};
      form.instructions.push_back(child->text());
    } else if (child->name() == "reported" || child->name() == "item") {
      // A row without cells counts too.
      if (!Budget::take(budget.fields)) return Err{FormError::too_many};
      auto cells = fields_from(*child, budget);
      if (!cells) return Err{cells.error()};
      if (child->name() == "item") {
        form.items.push_back(std::move(*cells));
      } else {
        form.reported = std::move(*cells);
      }
    }
  }
  return form;
}

std::optional<bool> boolean_of(std::string_view value) {
  if (value == "1" || value == "true") return true;
  if (value == "0" || value == "false") return false;
  return std::nullopt;
}

}  // namespace xbus::xmpp
