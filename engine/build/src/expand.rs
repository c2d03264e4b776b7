//! Placeholders in a recipe's strings.

/// Replaces every `${name}` by what `value` gives for it. An unknown name is an error with that name.
pub fn expand(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, String> {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        result.push_str(&rest[..at]);
        let Some(end) = rest[at..].find('}') else { return Err(format!("`{}` has no end", &rest[at..])) };
        let name = &rest[at + 2..at + end];
        result.push_str(&value(name).ok_or_else(|| format!("nothing is known as `${{{name}}}`"))?);
        rest = &rest[at + end + 1..];
    }
    result.push_str(rest);
    Ok(result)
}

/// The names of the placeholders in a text.
pub fn names(text: &str) -> Vec<&str> {
    text.split("${").skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_not_expanded_again() {
        let value = |n: &str| (n == "a").then(|| "${b}".to_owned());
        assert_eq!(expand("x${a}y${a}", &value).unwrap(), "x${b}y${b}");
        assert_eq!(expand("${c}", &value).unwrap_err(), "nothing is known as `${c}`");
        assert_eq!(names("${a}/x ${need.b.c}"), ["a", "need.b.c"]);
    }
}
