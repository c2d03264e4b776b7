//! The checks over the guest's network: an address from DHCP, a name from our DNS server, a page from our HTTP server.

use super::{
    Facts, Finding,
    guest::{COMMAND, one_line, word},
};
use crate::{console::Console, dns::DnsServer, error::BootError, http::HttpServer, token::token};
use std::{net::Ipv4Addr, time::Duration};

/// How QEMU's user network names this host's 127.0.0.1.
const HOST: Ipv4Addr = Ipv4Addr::new(10, 0, 2, 2);
const DHCP: Duration = Duration::from_secs(90);

/// The servers of one run, and how far the guest's network got.
pub(super) struct Network {
    dns: Result<DnsServer, String>,
    http: Result<HttpServer, String>,
    /// A name that no one but our server knows (`.test` is reserved, RFC 6761).
    name: String,
    /// Whether the guest has an address and our server as its resolver, or why not; asked once.
    ready: Option<Result<(), String>>,
}

impl Network {
    pub(super) fn start() -> Network {
        let name = format!("bw{}.bootwright.test", token());
        let dns = DnsServer::start(53, [(name.clone(), HOST)]).map_err(|error| error.to_string());
        Network { dns, http: HttpServer::start().map_err(|error| error.to_string()), name, ready: None }
    }

    pub(super) fn resolve(&mut self, console: &mut Console) -> Result<Finding, BootError> {
        let dns = match &self.dns {
            Ok(dns) => dns,
            Err(why) => return Ok(Finding::not_run(why)),
        };
        let mut facts = Facts::default();
        let ready = Self::prepare(&mut self.ready, console)?;
        if let Err(why) = ready {
            facts.add(false, "an address through DHCP", why);
            return Ok(facts.finish());
        }
        // ping, not nslookup: BusyBox's nslookup has a resolver of its own and asks no C library.
        let output = console.run(&format!("ping -c 1 -W 5 {}", word(&self.name)), COMMAND)?;
        let right = output.success() && output.stdout.contains(&HOST.to_string());
        facts.add(right, format!("ping {} reaches {HOST}", self.name), brief(&output.stdout, output.status));
        let asked = dns.queries().into_iter().filter(|query| query.name == self.name).map(|query| query.kind).collect::<Vec<_>>();
        let found = if asked.is_empty() {
            "no query reached the DNS server".into()
        } else {
            format!("the DNS server was asked for {}", asked.join(", "))
        };
        facts.add(asked.iter().any(|kind| kind == "A"), "the DNS server is asked for A", found);
        Ok(facts.finish())
    }

    pub(super) fn fetch(&mut self, console: &mut Console) -> Result<Finding, BootError> {
        let http = match (&self.dns, &self.http) {
            (Ok(_), Ok(http)) => http,
            (Err(why), _) | (_, Err(why)) => return Ok(Finding::not_run(why)),
        };
        let mut facts = Facts::default();
        let ready = Self::prepare(&mut self.ready, console)?;
        if let Err(why) = ready {
            facts.add(false, "an address through DHCP", why);
            return Ok(facts.finish());
        }
        let url = format!("http://{}:{}{}", self.name, http.port(), http.path());
        let output = console.run(&format!("wget -q -O - {}", word(&url)), COMMAND)?;
        facts.add(
            output.success() && output.stdout.trim() == http.text(),
            format!("wget prints {}", http.text()),
            brief(&output.stdout, output.status),
        );
        let seen = http.requests().iter().filter(|request| request.path == http.path() && request.status == 200).count();
        facts.add(seen > 0, "the HTTP server is asked for it", format!("the HTTP server was asked {seen} times"));
        Ok(facts.finish())
    }

    fn prepare<'r>(ready: &'r mut Option<Result<(), String>>, console: &mut Console) -> Result<&'r Result<(), String>, BootError> {
        if ready.is_none() {
            *ready = Some(set_up(console)?);
        }
        Ok(ready.get_or_insert(Ok(())))
    }
}

/// Gives the guest an address if its start scripts did not, and our DNS server.
fn set_up(console: &mut Console) -> Result<Result<(), String>, BootError> {
    let address = "ip -4 addr show dev eth0 | grep -q 'inet '";
    // A udhcpc that the guest itself started may still be at it; a second one would only disturb it.
    let wait = format!("n=0; while [ $n -lt 30 ] && ! {address} && pidof udhcpc >/dev/null; do sleep 1; n=$((n+1)); done; {address}");
    if !console.run(&wait, DHCP)?.success() {
        let dhcp = console.run("ip link set lo up; ip link set eth0 up && udhcpc -i eth0 -n -q -t 5", DHCP)?;
        if !console.run(address, COMMAND)?.success() {
            // udhcpc leaves the setting of the address to a script, and ends well without one.
            let hint = if dhcp.success() && dhcp.stdout.contains("obtained") {
                "a lease, but nothing set it: does the image lack udhcpc's default.script?"
            } else {
                "no lease"
            };
            return Ok(Err(format!("no address on eth0 ({hint}); {}", last_lines(&dhcp.stdout))));
        }
    }
    let resolver = console.run(&format!("mkdir -p /etc && echo nameserver {HOST} > /etc/resolv.conf"), COMMAND)?;
    if !resolver.success() {
        return Ok(Err(format!("cannot write /etc/resolv.conf; {}", brief(&resolver.stdout, resolver.status))));
    }
    Ok(Ok(()))
}

/// What a command said, for a person: a line if it went well, its last lines if not.
fn brief(text: &str, status: i32) -> String {
    if status == 0 {
        return one_line(text, "nothing");
    }
    format!("status {status}: {}", last_lines(text))
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let last = lines.get(lines.len().saturating_sub(4)..).unwrap_or_default();
    if last.is_empty() { "nothing was said".into() } else { last.join(" | ") }
}
