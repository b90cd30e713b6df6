//! Codes that are sensitive by themselves, for what nobody has labelled.
//!
//! Hospitals label little. An unlabelled diagnosis of HIV is no less sensitive for that, so the codes
//! that say such a thing plainly are listed here: of SNOMED CT and LOINC one by one, of ICD-10 and ATC
//! by the chapters that are about it, of medicines by the names of their substances, as the codes of
//! products are too many. The lists are a net under the labels and not a replacement: what is neither
//! labelled nor listed, or stands in free text alone, is filed by its class.

use super::Sensitivity;

type S = Sensitivity;

/// What that code says.
pub(crate) fn of(system: &str, code: &str) -> Sensitivity {
    let system = system.trim_end_matches('/');
    if system.ends_with("snomed.info/sct") || system == "urn:oid:2.16.840.1.113883.6.96" {
        return exact(SNOMED, code);
    }
    if system.ends_with("loinc.org") || system == "urn:oid:2.16.840.1.113883.6.1" {
        return exact(LOINC, code);
    }
    if system.contains("icd-10") || system.starts_with("urn:oid:2.16.840.1.113883.6.90") {
        return prefixed(ICD10, code);
    }
    if system.ends_with("whocc.no/atc") || system == "urn:oid:2.16.840.1.113883.6.73" {
        return prefixed(ATC, code);
    }
    S::none()
}

/// What the name of a medicine says.
pub(crate) fn of_medicine(name: &str) -> Sensitivity {
    let words = name.split(|c: char| !c.is_ascii_alphabetic());
    words.fold(S::none(), |found, word| {
        let word = word.to_ascii_lowercase();
        let substance = SUBSTANCES.iter().find(|(name, _)| *name == word);
        substance.map_or(found, |(_, sensitivity)| found.and(*sensitivity))
    })
}

fn exact(list: &[(S, &[&str])], code: &str) -> S {
    let hit = |(_, codes): &&(S, &[&str])| codes.contains(&code);
    list.iter().find(hit).map_or(S::none(), |(s, _)| *s)
}

fn prefixed(list: &[(S, &[&str])], code: &str) -> S {
    let hit = |(_, codes): &&(S, &[&str])| codes.iter().any(|start| code.starts_with(start));
    let hits = list.iter().filter(hit);
    hits.fold(S::none(), |found, (s, _)| found.and(*s))
}

const SNOMED: &[(S, &[&str])] = &[
    // HIV infection, without symptoms, AIDS, HIV positive.
    (S::HIV, &["86406008", "91947003", "62479008", "165816005"]),
    // Alcoholism, dependence, abuse, unhealthy drinking; drug dependence, abuse, misuse, overdose; opioids.
    (
        S::ETH,
        &[
            "7200002",
            "66590003",
            "15167005",
            "10939881000119105",
            "191816009",
            "26416006",
            "361055000",
            "55680006",
            "6525002",
            "5602001",
            "75544000",
            "1119201000000106",
        ],
    ),
    // Depression, bipolar disorder, schizophrenia, anxiety, panic, traumatic stress, compulsion,
    // attention deficit, suicide, eating disorders.
    (
        S::PSY,
        &[
            "35489007",
            "370143000",
            "36923009",
            "66344007",
            "13746004",
            "58214004",
            "197480006",
            "21897009",
            "80583007",
            "371631005",
            "47505003",
            "191736004",
            "192127007",
            "406506008",
            "82313006",
            "225444004",
            "6471006",
            "267032009",
            "56882008",
            "78004001",
        ],
    ),
    // Pregnancy, its loss and complications; contraception, sterilisation; diseases passed on by sex.
    (
        S::SEX,
        &[
            "72892002",
            "77386006",
            "19169002",
            "17369002",
            "35999006",
            "79586000",
            "156073000",
            "169553002",
            "755621000000101",
            "65200003",
            "46706006",
            "68254000",
            "287664005",
            "22523008",
            "15628003",
            "76272004",
            "105629000",
        ],
    ),
    // Cystic fibrosis, sickle cell disease, Huntington's, Duchenne's, trisomy 21, haemophilia, BRCA1.
    (
        S::GDIS,
        &[
            "190905008",
            "417357006",
            "58756001",
            "76670001",
            "41040004",
            "90935002",
            "412734009",
        ],
    ),
];

const LOINC: &[(S, &[&str])] = &[
    // Antibodies, antigens, RNA.
    (
        S::HIV,
        &[
            "75622-1", "56888-1", "7917-8", "68961-2", "25836-8", "20447-9", "30361-0",
        ],
    ),
    // AUDIT, AUDIT-C, DAST-10, ethanol in serum.
    (
        S::ETH,
        &[
            "75624-7", "75626-2", "72109-2", "82667-7", "82666-9", "5643-2",
        ],
    ),
    // PHQ-2, PHQ-9, GAD-7, adolescents' PHQ.
    (
        S::PSY,
        &[
            "44249-1", "44261-6", "55757-9", "55758-7", "69737-5", "70274-6", "89204-2",
        ],
    ),
    // Pregnancy status, choriogonadotropin.
    (
        S::SEX,
        &["82810-3", "11449-6", "2106-3", "2118-8", "21198-7"],
    ),
];

/// Chapters and categories of ICD-10 and its national editions.
const ICD10: &[(S, &[&str])] = &[
    (
        S::HIV,
        &[
            "B20", "B21", "B22", "B23", "B24", "Z21", "R75", "O98.7", "Z20.6", "F02.4",
        ],
    ),
    // Not F17, tobacco.
    (
        S::ETH,
        &[
            "F10", "F11", "F12", "F13", "F14", "F15", "F16", "F18", "F19", "K70", "T40", "Z71.4",
            "Z71.5",
        ],
    ),
    (
        S::PSY,
        &[
            "F2", "F3", "F4", "F5", "F6", "F7", "F8", "F9", "X6", "X7", "X80", "X81", "X82", "X83",
            "X84", "T14.91", "R45.85", "Z91.5",
        ],
    ),
    (
        S::SEX,
        &[
            "O", "A50", "A51", "A52", "A53", "A54", "A55", "A56", "A57", "A58", "A59", "A6", "F52",
            "F64", "F65", "F66", "N46", "N97", "Z30", "Z31", "Z32", "Z33", "Z34", "Z35", "Z36",
            "Z37", "Z39", "Z3A", "Z72.5",
        ],
    ),
    (
        S::GDIS,
        &[
            "D56", "D57", "D66", "D67", "E84", "G10", "G71.0", "Q9", "Z13.7", "Z14", "Z15",
        ],
    ),
];

/// Groups of the anatomical therapeutic chemical classification.
const ATC: &[(S, &[&str])] = &[
    (
        S::HIV,
        &[
            "J05AE", "J05AF", "J05AG", "J05AJ", "J05AR", "J05AX07", "J05AX09",
        ],
    ),
    (S::ETH, &["N07BB", "N07BC"]),
    (S::PSY, &["N05A", "N06A", "N06B", "N05B"]),
    (S::SEX, &["G02B", "G03A", "G03G", "G04BE", "G03D"]),
];

const SUBSTANCES: &[(&str, S)] = &[
    ("abacavir", S::HIV),
    ("atazanavir", S::HIV),
    ("bictegravir", S::HIV),
    ("cabotegravir", S::HIV),
    ("darunavir", S::HIV),
    ("dolutegravir", S::HIV),
    ("doravirine", S::HIV),
    ("efavirenz", S::HIV),
    ("emtricitabine", S::HIV),
    ("etravirine", S::HIV),
    ("lamivudine", S::HIV),
    ("lopinavir", S::HIV),
    ("nevirapine", S::HIV),
    ("raltegravir", S::HIV),
    ("rilpivirine", S::HIV),
    ("tenofovir", S::HIV),
    ("zidovudine", S::HIV),
    ("acamprosate", S::ETH),
    ("buprenorphine", S::ETH),
    ("disulfiram", S::ETH),
    ("methadone", S::ETH),
    ("naltrexone", S::ETH),
    ("aripiprazole", S::PSY),
    ("citalopram", S::PSY),
    ("clozapine", S::PSY),
    ("escitalopram", S::PSY),
    ("fluoxetine", S::PSY),
    ("haloperidol", S::PSY),
    ("lithium", S::PSY),
    ("methylphenidate", S::PSY),
    ("mirtazapine", S::PSY),
    ("olanzapine", S::PSY),
    ("paroxetine", S::PSY),
    ("quetiapine", S::PSY),
    ("risperidone", S::PSY),
    ("sertraline", S::PSY),
    ("venlafaxine", S::PSY),
    ("drospirenone", S::SEX),
    ("etonogestrel", S::SEX),
    ("levonorgestrel", S::SEX),
    ("medroxyprogesterone", S::SEX),
    ("mifepristone", S::SEX),
    ("misoprostol", S::SEX),
    ("norethindrone", S::SEX),
    ("sildenafil", S::SEX),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_speak_in_their_own_system_alone() {
        assert_eq!(of("http://snomed.info/sct", "86406008"), S::HIV);
        assert_eq!(of("http://loinc.org", "86406008"), S::none());
        assert_eq!(of("http://hl7.org/fhir/sid/icd-10-cm", "F10.20"), S::ETH);
        assert_eq!(
            of("http://hl7.org/fhir/sid/icd-10-cm", "F17.210"),
            S::none()
        );
        assert_eq!(
            of("http://hl7.org/fhir/sid/icd-10", "F64.0"),
            S::PSY.and(S::SEX)
        );
        assert_eq!(of("http://www.whocc.no/atc", "J05AR10"), S::HIV);
    }

    #[test]
    fn medicines_speak_by_the_words_of_their_names() {
        assert_eq!(
            of_medicine("Tenofovir disoproxil 300 MG Oral Tablet"),
            S::HIV
        );
        assert_eq!(of_medicine("buprenorphine 2 MG / naloxone 0.5 MG"), S::ETH);
        assert_eq!(of_medicine("lithiumated"), S::none());
    }
}
