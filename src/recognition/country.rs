//! Country codes: those ISO 3166-1 assigns; a code nobody assigned is a slip of the pen.

/// The officially assigned alpha-2 codes of ISO 3166-1, in their order.
const ASSIGNED: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD \
CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF \
GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN \
KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA \
NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI \
SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI \
VN VU WF WS YE YT ZA ZM ZW";

/// What is said of a code that is none.
pub(super) const COMPLAINT: &str = "a country code of ISO 3166-1 is needed here, such as VN";

/// Whether a country has this code (ISO 3166-1 alpha-2, officially assigned).
pub fn is_country(code: &str) -> bool {
    ASSIGNED.split(' ').any(|assigned| assigned == code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_hundred_and_forty_nine_countries_in_their_order() {
        let all: Vec<_> = ASSIGNED.split(' ').collect();
        assert_eq!(all.len(), 249);
        assert!(all.is_sorted() && all.iter().all(|code| code.len() == 2));
        for code in ["vn", "VNM", "XX", "ZZ", "EU", "", "UK", "AD AE"] {
            assert!(!is_country(code), "{code}");
        }
        assert!(is_country("VN") && is_country("LA") && is_country("ZW"));
    }
}
