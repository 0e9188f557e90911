//! What the machine must bring: Node, a Vulkan driver, two browsers. Found, or said exactly how to install.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::{self, Result, find};

/// The oldest Node that runs the build and the tests.
pub const NODE: (u32, u32) = (20, 10);

/// How to install Node.
pub fn install_node() -> String {
    let (major, minor) = NODE;
    format!(
        "Node {major}.{minor} or newer is needed:
  Debian, Ubuntu  sudo apt-get install nodejs npm   (Debian 13, Ubuntu 25.04 or newer; else from https://nodejs.org)
  Fedora          sudo dnf install nodejs npm
  macOS           brew install node
  Windows         winget install OpenJS.NodeJS.LTS"
    )
}

const INSTALL_VULKAN: &str = "No Vulkan driver was found. A software one will do:
  Debian, Ubuntu  sudo apt-get install libvulkan1 mesa-vulkan-drivers
  Fedora          sudo dnf install vulkan-loader mesa-vulkan-drivers
  macOS, Windows  nothing to install: Metal and DirectX 12 are part of the system
A driver in an unusual place is taken from VK_DRIVER_FILES.";

const INSTALL_BROWSERS: &str = "
  Debian          sudo apt-get install chromium firefox-esr
  Ubuntu          sudo apt-get install firefox; wget https://dl.google.com/linux/direct/google-chrome-stable_current_amd64.deb
                  && sudo apt-get install ./google-chrome-stable_current_amd64.deb
  Fedora          sudo dnf install chromium firefox
  macOS           brew install --cask google-chrome firefox
  Windows         winget install Google.Chrome Mozilla.Firefox
A browser in an unusual place is taken from COPYWRIGHT_CHROMIUM or COPYWRIGHT_FIREFOX.";

/// How to get the Python that trains models.
const INSTALL_PYTHON: &str =
    "Python 3.11 with the packages of train/requirements.txt is needed (5 GB on Linux, where torch brings CUDA):
  python3.11 -m venv .venv && .venv/bin/pip install -r train/requirements.txt
One in an unusual place is taken from COPYWRIGHT_PYTHON.";

/// A Python that has the packages for training.
///
/// Errors say how to get one.
pub fn python() -> Result<PathBuf> {
    let here = tools::root().join(".venv");
    let usual = [here.join("bin/python"), here.join("Scripts/python.exe")];
    let named = env::var_os("COPYWRIGHT_PYTHON").map(PathBuf::from);
    let found = named.into_iter().chain(usual).find(|p| p.is_file()).ok_or(INSTALL_PYTHON)?;
    let packages = "import torch, tokenizers, safetensors, transformers, gguf, tqdm, matplotlib";
    let has = Command::new(&found).args(["-c", packages]).output().is_ok_and(|o| o.status.success());
    if has { Ok(found) } else { Err(format!("{} lacks packages.\n{INSTALL_PYTHON}", found.display())) }
}

/// The browsers that Copywright is tested in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Browser {
    /// Chromium or Chrome.
    Chromium,
    /// Firefox or its ESR.
    Firefox,
}

impl Browser {
    /// The variable that names its program, for us and for the tests that we start.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Chromium => "COPYWRIGHT_CHROMIUM",
            Self::Firefox => "COPYWRIGHT_FIREFOX",
        }
    }

    /// Its program.
    ///
    /// Errors say how to install it.
    pub fn find(self) -> Result<PathBuf> {
        if let Some(path) = env::var_os(self.variable()).map(PathBuf::from) {
            let missing = || format!("{} is {}, which is no file", self.variable(), path.display());
            return if path.is_file() { Ok(path.clone()) } else { Err(missing()) };
        }
        let (names, places): (&[&str], &[&str]) = match self {
            Self::Chromium => (
                &["chromium", "google-chrome-stable", "google-chrome", "chromium-browser", "chrome"],
                &[
                    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
                    "/Applications/Chromium.app/Contents/MacOS/Chromium",
                    "Google/Chrome/Application/chrome.exe",
                ],
            ),
            Self::Firefox => (
                &["firefox-esr", "firefox"],
                &["/Applications/Firefox.app/Contents/MacOS/firefox", "Mozilla Firefox/firefox.exe"],
            ),
        };
        let programs = ["ProgramFiles", "ProgramFiles(x86)", "LOCALAPPDATA"].map(|v| env::var_os(v).map(PathBuf::from));
        let under = |place: &&str| match place.starts_with('/') {
            true => vec![PathBuf::from(place)],
            false => programs.iter().flatten().map(|p| p.join(place)).collect(),
        };
        find(names)
            .or_else(|| places.iter().flat_map(under).find(|p| p.is_file()))
            .ok_or_else(|| format!("{self:?} was not found.{INSTALL_BROWSERS}"))
    }
}

/// Points the Vulkan loader at lavapipe, so that tests compute the same everywhere. A driver that the
/// user chose, in the loader's own variables, stays.
///
/// Errors say how to install a driver.
pub fn vulkan() -> Result<Driver> {
    if !cfg!(target_os = "linux") {
        return Ok(Driver::System);
    }
    if ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].iter().any(|v| env::var_os(v).is_some_and(|v| !v.is_empty())) {
        return Ok(Driver::Chosen);
    }
    if !loader() {
        return Err(INSTALL_VULKAN.to_owned());
    }
    let drivers: Vec<PathBuf> = driver_folders().iter().flat_map(|d| json_files(d)).collect();
    match lavapipe(&drivers) {
        Some(file) => Ok(Driver::Lavapipe(file)),
        None if drivers.is_empty() => Err(INSTALL_VULKAN.to_owned()),
        None => Ok(Driver::System),
    }
}

/// The driver that tests run on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Driver {
    /// Mesa's software driver, by its description file.
    Lavapipe(PathBuf),
    /// The user's own choice.
    Chosen,
    /// Whatever the system offers.
    System,
}

impl Driver {
    /// Variables for the processes that compute.
    pub fn variables(&self) -> Vec<(&'static str, PathBuf)> {
        match self {
            // The second name is for loaders older than 1.3.207.
            Self::Lavapipe(file) => ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"].map(|v| (v, file.clone())).to_vec(),
            Self::Chosen | Self::System => Vec::new(),
        }
    }
}

impl std::fmt::Display for Driver {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Lavapipe(file) => write!(f, "lavapipe ({})", file.display()),
            Self::Chosen => write!(f, "as the environment says"),
            Self::System => write!(f, "the system's"),
        }
    }
}

/// Among driver descriptions, the software driver of this processor.
fn lavapipe(drivers: &[PathBuf]) -> Option<PathBuf> {
    let named = |name: &str| drivers.iter().find(|p| p.file_name().is_some_and(|f| f == name)).cloned();
    named(&format!("lvp_icd.{}.json", env::consts::ARCH)).or_else(|| named("lvp_icd.json"))
}

fn loader() -> bool {
    let listed = |program: &str| {
        tools::output(Command::new(program).arg("-p")).is_ok_and(|text| text.contains("libvulkan.so.1"))
    };
    let folders = env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = env::split_paths(&folders).collect();
    folders.extend(["/usr/lib", "/usr/lib64", "/usr/local/lib", "/run/opengl-driver/lib"].map(PathBuf::from));
    folders.iter().any(|d| d.join("libvulkan.so.1").exists()) || listed("ldconfig") || listed("/sbin/ldconfig")
}

/// Where the Vulkan loader looks for drivers.
fn driver_folders() -> Vec<PathBuf> {
    let list = |name: &str, default: &str| {
        let value = env::var_os(name).filter(|v| !v.is_empty()).unwrap_or(default.into());
        env::split_paths(&value).collect::<Vec<_>>()
    };
    let home = env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    let mut folders =
        vec![home.join(".config"), home.join(".local/share"), "/etc".into(), "/run/opengl-driver/share".into()];
    folders.extend(list("XDG_CONFIG_DIRS", "/etc/xdg"));
    folders.extend(list("XDG_DATA_DIRS", "/usr/local/share:/usr/share"));
    folders.extend(["/usr/local/share", "/usr/share"].map(PathBuf::from));
    folders.iter().map(|f| f.join("vulkan/icd.d")).collect()
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> =
        entries.map(|e| e.path()).filter(|p| p.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lavapipe_of_this_processor() {
        let file = |name: &str| PathBuf::from("/usr/share/vulkan/icd.d").join(name);
        let own = file(&format!("lvp_icd.{}.json", env::consts::ARCH));
        let other = file("lvp_icd.sparc.json");
        assert_eq!(lavapipe(&[file("intel_icd.json"), other.clone(), own.clone()]), Some(own));
        assert_eq!(lavapipe(&[file("lvp_icd.json")]), Some(file("lvp_icd.json")));
        assert_eq!(lavapipe(&[other, file("intel_icd.json")]), None);
    }

    #[test]
    fn a_chosen_driver_stays() {
        assert!(Driver::Chosen.variables().is_empty());
        assert!(Driver::System.variables().is_empty());
        let names: Vec<_> = Driver::Lavapipe("x".into()).variables().iter().map(|v| v.0).collect();
        assert_eq!(names, ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"]);
    }

    #[test]
    fn missing_things_come_with_commands() {
        for text in [INSTALL_VULKAN, INSTALL_BROWSERS, &install_node()] {
            for system in ["Debian", "Ubuntu", "Fedora", "macOS", "Windows"] {
                assert!(text.contains(system), "{system} in {text}");
            }
        }
    }
}
