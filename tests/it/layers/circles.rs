//! Which file needs which, and whether two need each other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use syn::visit::{self, Visit};
use syn::{Item, UseTree, Visibility};

use super::source::SourceFile;

type Module = Vec<String>;

/// What one file names: what it uses itself, and what it only passes on under its own name.
#[derive(Default)]
struct Names {
    used: Vec<Module>,
    exported: BTreeMap<String, Module>,
}

/// A shortest way from a file back to itself, by the names of the files, if there is one.
pub(crate) fn circle(files: &[SourceFile]) -> Option<Vec<String>> {
    let needs = needs(files);
    needs.keys().find_map(|start| way_back(&needs, start))
}

/// Each file, and the files that define what it uses. Tests do not count: they may look anywhere.
pub(crate) fn needs(files: &[SourceFile]) -> BTreeMap<Module, BTreeSet<Module>> {
    let files = files.iter().filter(|file| file.top() != Some("bin") && !is_test(file));
    let names: BTreeMap<Module, Names> = files.map(|file| (module(file), names(file))).collect();
    let needs = |(own, seen): (&Module, &Names)| {
        let found = seen.used.iter().filter_map(|path| defined_in(&names, own, path, 0));
        (own.clone(), found.filter(|other| other != own).collect())
    };
    names.iter().map(needs).collect()
}

fn is_test(file: &SourceFile) -> bool {
    file.module().contains(&"tests")
}

fn module(file: &SourceFile) -> Module {
    file.module().into_iter().map(str::to_owned).collect()
}

fn names(file: &SourceFile) -> Names {
    let mut names = Names::default();
    let parsed = syn::parse_file(&file.text).expect("Rust");
    names.visit_file(&parsed);
    // A file that passes a name on and uses it as well needs the file that defines it.
    let (own, exported) = (names.used.clone(), names.exported.clone());
    let uses = |name: &String| own.iter().any(|path| path.first() == Some(name));
    names.used.extend(exported.into_iter().filter(|(name, _)| uses(name)).map(|(_, path)| path));
    names
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item(&mut self, item: &'ast Item) {
        match item {
            Item::Mod(module) if module.attrs.iter().any(|own| own.path().is_ident("cfg")) => {}
            Item::Use(item) => {
                let mut paths = Vec::new();
                leaves(&item.tree, &mut Vec::new(), &mut paths);
                if matches!(item.vis, Visibility::Inherited) {
                    self.used.extend(paths.into_iter().map(|(path, _)| path));
                } else {
                    self.exported.extend(paths.into_iter().map(|(path, name)| (name, path)));
                }
            }
            _ => visit::visit_item(self, item),
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.used.push(path.segments.iter().map(|part| part.ident.to_string()).collect());
        visit::visit_path(self, path);
    }

    /// `pub(in …)` names a module, and needs nothing of it.
    fn visit_visibility(&mut self, _: &'ast Visibility) {}
}

/// Every path of a `use`, with the name that it gets here.
fn leaves(tree: &UseTree, before: &mut Module, found: &mut Vec<(Module, String)>) {
    let mut add = |last: String, name: String| found.push(([&before[..], &[last]].concat(), name));
    match tree {
        UseTree::Name(name) => add(name.ident.to_string(), name.ident.to_string()),
        UseTree::Rename(name) => add(name.ident.to_string(), name.rename.to_string()),
        UseTree::Glob(_) => add("*".to_owned(), "*".to_owned()),
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            leaves(&path.tree, before, found);
            before.pop();
        }
        UseTree::Group(group) => {
            for one in &group.items {
                leaves(one, before, found);
            }
        }
    }
}

/// The file that defines what a path in `from` names; `None` for another crate's.
fn defined_in(
    names: &BTreeMap<Module, Names>,
    from: &Module,
    path: &[String],
    passed_on: usize,
) -> Option<Module> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    let mut at = match path.first()?.as_str() {
        "crate" => Module::new(),
        "self" | "super" => from[..from.len().checked_sub(ups)?].to_vec(),
        // One word alone may be a variable.
        child
            if path.len() > 1 && names.contains_key(&[&from[..], &[child.to_owned()]].concat()) =>
        {
            from.clone()
        }
        _ => return None,
    };
    let is_start = |part: &&String| ["crate", "self", "super"].contains(&part.as_str());
    let mut rest = path.iter().skip_while(is_start).peekable();
    while let Some(part) = rest.peek() {
        let below = [&at[..], &[(*part).clone()]].concat();
        if !names.contains_key(&below) {
            break;
        }
        at = below;
        rest.next();
    }
    match rest.next().and_then(|name| names.get(&at)?.exported.get(name)) {
        Some(path) if passed_on < 8 => defined_in(names, &at, path, passed_on + 1),
        _ => Some(at),
    }
}

fn way_back(needs: &BTreeMap<Module, BTreeSet<Module>>, start: &Module) -> Option<Vec<String>> {
    let mut ways = VecDeque::from([vec![start]]);
    let mut seen = BTreeSet::new();
    while let Some(way) = ways.pop_front() {
        for next in needs.get(*way.last()?).into_iter().flatten() {
            if next == start {
                return Some(way.iter().chain([&start]).map(|module| module.join("/")).collect());
            }
            if seen.insert(next) {
                ways.push_back([&way[..], &[next]].concat());
            }
        }
    }
    None
}
