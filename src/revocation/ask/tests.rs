use super::super::RevocationKind;
use super::*;

const TIME_BYTES: usize = 8;

fn ask(names: usize) -> Ask {
    let name = |n: usize| RevocationName::new(RevocationKind::Token, "i", &n.to_string());
    Ask {
        epoch: Some(Epoch::new([9; 16])),
        start: u64::MAX,
        head: 1 << 41,
        seq: 1 << 40,
        page: 7,
        names: (0..names).map(name).collect(),
    }
}

fn reply() -> AskReply {
    let fingerprint = |number| Fingerprint::new(number).expect("40 bits");
    AskReply {
        epoch: Epoch::new([7; 16]),
        start: 1,
        since: Some(3),
        seq: 5,
        head: u64::MAX,
        has_more: true,
        is_imported: false,
        states: vec![
            (fingerprint(0), RevocationState::Absent),
            (fingerprint((1 << 40) - 1), RevocationState::Revoked),
            (fingerprint(77), RevocationState::Before(1_767_225_600)),
        ],
        verdicts: vec![
            RevocationState::Absent,
            RevocationState::Before(i64::MIN),
            RevocationState::Revoked,
        ],
        oldest_change: Some(NumericDate::from_millis(1_767_225_600_123)),
    }
}

#[test]
fn a_message_is_read_as_it_is_written() {
    for names in [0, 1, ASKED_NAMES] {
        assert_eq!(Ask::parse(&ask(names).to_bytes()), Some(ask(names)));
    }
    let first = Ask { epoch: None, start: 0, head: 0, seq: 0, page: 0, names: Vec::new() };
    assert_eq!(Ask::parse(&first.to_bytes()), Some(first));
    assert_eq!(AskReply::parse(&reply().to_bytes()), Some(reply()));
    let bare = AskReply {
        since: None,
        has_more: false,
        is_imported: true,
        states: vec![],
        verdicts: vec![],
        ..reply()
    };
    assert_eq!(AskReply::parse(&bare.to_bytes()), Some(bare));
}

#[test]
fn a_later_release_may_add_bytes_at_the_end() {
    let longer = |mut bytes: Vec<u8>| {
        bytes.extend_from_slice(b"what a later release says");
        bytes
    };
    assert_eq!(Ask::parse(&longer(ask(2).to_bytes())), Some(ask(2)));
    assert_eq!(AskReply::parse(&longer(reply().to_bytes())), Some(reply()));
}

#[test]
fn a_cut_message_and_another_version_are_none() {
    let (ask, reply) = (ask(2).to_bytes(), reply().to_bytes());
    for length in 0..ask.len() {
        assert_eq!(Ask::parse(&ask[..length]), None, "{length}");
    }
    for length in 0..reply.len() - TIME_BYTES {
        assert_eq!(AskReply::parse(&reply[..length]), None, "{length}");
    }
    let other = |mut bytes: Vec<u8>| {
        bytes[0] = VERSION + 1;
        bytes
    };
    assert_eq!(Ask::parse(&other(ask)), None);
    assert_eq!(AskReply::parse(&other(reply)), None);
}

#[test]
fn a_log_of_an_earlier_release_does_not_say_when_its_changes_were_entered() {
    let bytes = reply().to_bytes();
    let earlier = AskReply { oldest_change: None, ..reply() };
    assert_eq!(AskReply::parse(&bytes[..bytes.len() - TIME_BYTES]), Some(earlier));
}

#[test]
fn more_names_than_a_token_has_are_refused() {
    assert_eq!(Ask::parse(&ask(ASKED_NAMES + 1).to_bytes()), None);
}
