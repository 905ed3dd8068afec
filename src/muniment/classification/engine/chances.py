"""How often a random value of the right form passes a check: measured, not guessed.

Drawn from the patterns of the classifiers that name the check; made by
``benchmarks/validator_chances.py``.
"""

from collections.abc import Mapping

CHANCE: Mapping[str, float] = {
    "ad.nrt": 0.8, "al.nipt": 1.0, "ar.cbu": 0.016, "ar.cuit": 0.095, "ar.dni": 1.0,
    "at.businessid": 1.0, "at.tin": 0.043, "at.uid": 0.12, "at.vnr": 0.069, "au.abn": 0.014,
    "au.acn": 0.1, "au.tfn": 0.093, "au_medicare": 0.086, "az.voen": 0.089, "be.bis": 0.011,
    "be.eid": 0.0073, "be.nn": 0.002, "be.ogm_vcs": 0.011, "be.vat": 0.0093, "bg.egn": 0.047,
    "bg.pnf": 0.11, "bg.vat": 0.14, "br.cnpj": 0.011, "br.cpf": 0.015, "br_cns": 0.1,
    "br_pis": 0.1, "by.unp": 0.091, "ca.bc_phn": 0.088, "ca.bn": 0.074, "ch.esr": 0.088,
    "ch.ssn": 0.1, "ch.uid": 0.085, "ch.vat": 0.1, "cl.rut": 0.097, "cn.ric": 0.001,
    "cn.uscc": 0.006, "co.nit": 0.1, "cr.cpf": 1.0, "cr.cpj": 0.0093, "cr.cr": 1.0, "cu.ni": 0.45,
    "cy.vat": 0.041, "cz.bankaccount": 0.001, "cz.dic": 0.094, "cz.rc": 0.22, "de.idnr": 0.0033,
    "de.leitweg": 0.001, "de.vat": 0.097, "de_lanr": 0.11, "de_rvnr": 0.011, "dk.cpr": 0.79,
    "dk.cvr": 0.11, "do.cedula": 0.1, "do.ncf": 0.24, "do.rnc": 0.099, "dz.nif": 1.0,
    "ec.ci": 0.081, "ec.ruc": 0.091, "ee.ik": 0.081, "ee.kmkr": 0.12, "ee.registrikood": 0.088,
    "eg.tn": 1.0, "es.cae": 0.027, "es.ccc": 0.011, "es.cif": 0.11, "es.cups": 0.0018,
    "es.dni": 0.04, "es.nie": 0.04, "es.nif": 0.042, "es.referenciacatastral": 0.0027,
    "es_ssn": 0.0047, "fi.alv": 0.079, "fi.associationid": 1.0, "fi.hetu": 0.012,
    "fi.veronumero": 1.0, "fi.ytunnus": 0.1, "fo.vn": 1.0, "fr.nif": 0.001, "fr.nir": 0.011,
    "fr.rcs": 0.1, "fr.siren": 0.096, "fr.siret": 0.015, "fr.tva": 0.006, "gb.upn": 0.0067,
    "gb.utr": 0.11, "gb.vat": 0.031, "gb_chi": 0.053, "gh.tin": 0.008, "gn.nifp": 0.11,
    "gr.amka": 0.049, "gr.vat": 0.1, "gt.nit": 0.083, "hk_hkid": 0.091, "hr.oib": 0.12,
    "hu_anum": 0.1, "hu_personal_id": 0.053, "hu_taj": 0.1, "hu_tin": 0.088, "id.nik": 0.82,
    "id.npwp": 0.11, "ie.pps": 0.023, "ie.vat": 0.051, "il.hp": 0.095, "il.idnr": 0.11,
    "in_.epic": 0.095, "in_.gstin": 0.01, "in_.pan": 0.91, "in_.vid": 0.11,
    "ir_national_id": 0.097, "is_.kennitala": 0.027, "is_.vsk": 1.0, "it.codicefiscale": 0.034,
    "it.iva": 0.011, "jp.cn": 0.11, "ke.pin": 1.0, "kr.brn": 0.9, "kr.rrn": 0.055,
    "kw_civil_id": 0.073, "kz_iin": 0.042, "li.peid": 1.0, "lt.asmens": 0.079, "lt.pvm": 0.0087,
    "lu.tva": 0.011, "lu_ccss": 0.0073, "lv.pvn": 0.069, "ma.ice": 0.013, "mc.tva": 0.0073,
    "md.idno": 0.082, "me.iban": 0.001, "me.pib": 0.097, "mk.edb": 0.086, "mt.vat": 0.034,
    "mu.nid": 0.014, "mx.curp": 0.001, "mx.rfc": 0.92, "mx_clabe": 0.091, "my.nric": 0.8,
    "mz.nuit": 0.1, "nl.bsn": 0.087, "nl.btw": 0.099, "nl.identiteitskaartnummer": 1.0,
    "nl.onderwijsnummer": 0.085, "no.fodselsnummer": 0.001, "no.kontonr": 0.094, "no.mva": 0.085,
    "no.orgnr": 0.1, "nz.bankaccount": 0.001, "nz.ird": 0.049, "nz_nhi": 0.083, "pe.cui": 0.095,
    "pe.ruc": 0.11, "pk.cnic": 0.89, "pl.nip": 0.1, "pl.pesel": 0.056, "pl.regon": 0.093,
    "pl_identity_card": 0.099, "pt.cc": 0.1, "pt.nif": 0.11, "pt_nib": 0.011, "pt_niss": 0.1,
    "py.ruc": 0.091, "ro.cf": 0.11, "ro.cnp": 0.048, "ro.cui": 0.098, "ro.onrc": 0.0019,
    "rs.pib": 0.11, "ru.inn": 0.091, "ru.ogrn": 0.12, "ru_snils": 0.008, "sa_id": 0.1,
    "se.orgnr": 0.1, "se.personnummer": 0.021, "se.vat": 0.1, "sg.uen": 0.038, "si.ddv": 0.098,
    "si.emso": 0.045, "si.maticna": 0.094, "sk.dph": 0.062, "sk.rc": 0.21, "sm.coe": 0.99,
    "sn.ninea": 0.056, "sv.nit": 0.1, "th.moa": 0.11, "th.pin": 0.11, "th.tin": 0.11,
    "tn.mf": 0.55, "tr.tckimlik": 0.0093, "tr.vkn": 0.11, "tw.ubn": 0.13, "tw_arc": 0.1,
    "tw_id": 0.099, "ua.edrpou": 0.1, "ua.rntrc": 0.098, "us.atin": 1.0, "us.ein": 0.83,
    "us.itin": 0.58, "us.ptin": 1.0, "uy.rut": 0.1, "uy_ci": 0.11, "ve.rif": 0.11,
    "vn.mst": 0.098, "za.idnr": 0.034, "za.tin": 0.093,
}  # fmt: skip
